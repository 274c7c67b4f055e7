/** The second click of a double click on `Run` is not another call. */
export function onlyOnce(event: MouseEvent): void {
  if (event.detail > 1 && event.target instanceof Element && event.target.closest('[type="submit"]')) {
    event.preventDefault();
  }
}

type Key = KeyboardEvent & { currentTarget: HTMLFormElement };

/** Ctrl+Enter, or ⌘ Enter, runs from a field of several lines too. A key that is held down runs once. */
export function runByKeyboard(event: Key): void {
  if (event.key !== 'Enter') return;
  if (event.repeat && !(event.target instanceof HTMLTextAreaElement)) event.preventDefault();
  else if (!event.repeat && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.currentTarget.requestSubmit();
  }
}
