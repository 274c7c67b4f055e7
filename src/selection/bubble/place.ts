/** A size and the places of what is selected, all in pixels of the viewport. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}

const GAP = 6;

/**
 * Where a bubble of that size can stand: beside the end of what is selected, over none of it, all of it in view.
 * Undefined where there is no such place.
 */
export function placeBeside(
  selected: readonly Box[],
  size: Size,
  view: Size,
  toLeft = false,
): { left: number; top: number } | undefined {
  const end = selected.at(-1);
  if (!end) return undefined;
  const x = toLeft ? end.left - size.width : end.right;
  const middle = (end.top + end.bottom - size.height) / 2;
  const aside = toLeft ? end.left - size.width - GAP : end.right + GAP;
  const places = [
    { left: x, top: end.bottom + GAP },
    { left: aside, top: middle },
    { left: x, top: end.top - size.height - GAP },
    // At an edge of the window it moves inwards.
    { left: Math.min(Math.max(x, GAP), view.width - size.width - GAP), top: end.bottom + GAP },
    { left: Math.min(Math.max(x, GAP), view.width - size.width - GAP), top: end.top - size.height - GAP },
  ];
  return places.find(({ left, top }) => {
    const right = left + size.width;
    const bottom = top + size.height;
    const inView = left >= 0 && top >= 0 && right <= view.width && bottom <= view.height;
    return (
      inView &&
      selected.every(box => box.left >= right || box.right <= left || box.top >= bottom || box.bottom <= top)
    );
  });
}
