export {};

// Runs once in the frame where the right-click menu was used, and leaves nothing behind. The polyfill
// stays out of pages: `chrome` is the same here in every browser.
declare const chrome: { runtime: { sendMessage(message: unknown): Promise<unknown> } };

/** As `selection.offer` allows. */
const LONGEST = 100_000;

function selectedText(): string {
  const field = document.activeElement;
  if (
    field instanceof HTMLTextAreaElement ||
    (field instanceof HTMLInputElement && field.type !== 'password')
  ) {
    const { selectionStart, selectionEnd, value } = field;
    if (selectionStart !== null && selectionEnd !== null && selectionStart < selectionEnd) {
      return value.slice(selectionStart, selectionEnd);
    }
  }
  return getSelection()?.toString() ?? '';
}

const text = selectedText().slice(0, LONGEST);
if (text.trim()) void chrome.runtime.sendMessage({ ask: 'selection.offer', body: { text } });
