import type {} from './remembered';

declare const chrome: { dom?: object };

/**
 * Puts a text in the place of what `readSelection` read for a card in this frame. False where that is gone, read-only,
 * or holds something else by now. Runs in pages as `readSelection` does: its text alone is taken there.
 */
export async function insertText(text: string, card: string): Promise<boolean> {
  if (globalThis.runkeyPlace?.card !== card) return false;
  const { place } = globalThis.runkeyPlace;
  const told = (): InputEvent =>
    new InputEvent('input', {
      bubbles: true,
      composed: true,
      inputType: 'insertReplacementText',
      data: text,
    });

  if (place.type === 'field') {
    const { field, start, end } = place;
    const holds = (): boolean =>
      field.isConnected && !field.readOnly && !field.disabled && field.value.slice(start, end) === place.text;
    if (!holds()) return false;
    field.focus({ preventScroll: true });
    if (!holds()) return false;
    globalThis.runkeyPlace = undefined;
    field.setSelectionRange(start, end);
    const before = field.value;
    // The way that undo knows of. It has no answer worth trusting: what the field holds then has.
    document.execCommand('insertText', false, text);
    if (field.value === before && text !== place.text) {
      field.setRangeText(text, start, end, 'end');
      field.dispatchEvent(told());
    }
    return field.value !== before || text === place.text;
  }

  const { range } = place;
  const ancestor = range.commonAncestorContainer;
  const element = ancestor instanceof HTMLElement ? ancestor : ancestor.parentElement;
  let host = element;
  while (host?.parentElement?.isContentEditable) host = host.parentElement;
  const holds = (): boolean =>
    element?.isConnected === true &&
    element.isContentEditable &&
    place.text !== '' &&
    range.toString() === place.text;
  if (!host || !holds()) return false;
  host.focus({ preventScroll: true });
  const selection = getSelection();
  if (!selection || !holds()) return false;
  globalThis.runkeyPlace = undefined;
  selection.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  // Editors with a model of their own take what is told here, and cancel it. Firefox tells them by itself.
  const asks = new InputEvent('beforeinput', {
    ...{ bubbles: true, composed: true, cancelable: true },
    ...{ inputType: 'insertText', data: text },
  });
  if (chrome.dom && !host.dispatchEvent(asks)) {
    await new Promise(resolve => setTimeout(resolve, 100));
    const squashed = (words: string): string => words.replace(/\s+/g, '');
    return squashed(host.textContent ?? '').includes(squashed(text));
  }
  if (document.execCommand('insertText', false, text)) return true;
  range.deleteContents();
  range.insertNode(document.createTextNode(text));
  range.collapse(false);
  host.dispatchEvent(told());
  return true;
}
