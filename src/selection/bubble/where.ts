import type { Remembered } from '../remembered';
import type { Box } from './place';

/** More pieces than that are not looked at one by one. */
const MOST_PIECES = 200;

/** Where what was read last stands, its end last, and what it stands in. */
export interface Spot {
  readonly of: Remembered;
  readonly boxes: () => readonly Box[];
  readonly within: Element | null;
  readonly rightToLeft: boolean;
}

/** Of a selection in a field the field itself: what is inside of it cannot be measured. */
export function spotOf(): Spot | undefined {
  const remembered = globalThis.runkeySelected;
  if (!remembered) return undefined;
  const element = remembered.type === 'field' ? remembered.field : elementOf(remembered.range.endContainer);
  const boxes = (): readonly Box[] => {
    if (remembered.type === 'field') return [remembered.field.getBoundingClientRect()];
    const { range } = remembered;
    const pieces = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
    if (pieces.length > MOST_PIECES) return [range.getBoundingClientRect(), ...pieces.slice(-1)];
    // Of a paragraph and its lines the lines are meant.
    return pieces.filter(one => !pieces.some(other => other !== one && contains(one, other)));
  };
  return {
    of: remembered,
    boxes,
    within: element,
    rightToLeft: element !== null && getComputedStyle(element).direction === 'rtl',
  };
}

const elementOf = (node: Node): Element | null => (node instanceof Element ? node : node.parentElement);

const contains = (outer: Box, inner: Box): boolean =>
  outer.left <= inner.left &&
  outer.right >= inner.right &&
  outer.top <= inner.top &&
  outer.bottom >= inner.bottom &&
  (outer.right - outer.left > inner.right - inner.left ||
    outer.bottom - outer.top > inner.bottom - inner.top);

/** Whether it is the very same selection, as far as it still is where it was. */
export function isSame({ of: one }: Spot, { of: other }: Spot): boolean {
  if (one.type === 'field')
    return (
      other.type === 'field' &&
      one.field === other.field &&
      one.start === other.start &&
      one.end === other.end
    );
  return other.type === 'range' && edgesOf(one.range).every((edge, at) => edge === edgesOf(other.range)[at]);
}

const edgesOf = ({ startContainer, startOffset, endContainer, endOffset }: Range) => [
  startContainer,
  startOffset,
  endContainer,
  endOffset,
];

/** Firefox lets go of what is selected in a shadow root when the keyboard moves to another. */
export function selectAgain({ of }: Spot): void {
  const selection = getSelection();
  if (of.type !== 'range' || !of.range.startContainer.isConnected || selection?.toString() !== '') return;
  const { startContainer, startOffset, endContainer, endOffset } = of.range;
  selection.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
}
