import type { Finished } from './finished';

// This is all that stays in a page: it notices that a person has finished selecting something, and looks at
// nothing else. The bubble's code comes when it is first wanted, and then is told by `runkeyBubble`.

declare const chrome: {
  runtime?: { readonly id?: string; sendMessage(message: { ask: string; body: object }): Promise<unknown> };
};

function notice(): void {
  const ended = new AbortController();
  const stop = (): void => {
    ended.abort();
    globalThis.runkeyResident = undefined;
  };
  let asked = false;

  /** Whether there is something, whatever it is; within shadow roots only the bubble can tell. */
  const isSelected = (): boolean => {
    const field = document.activeElement;
    if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)
      return field.selectionStart !== field.selectionEnd;
    return field?.shadowRoot != null || getSelection()?.type === 'Range';
  };

  // With Shift and the arrows, until Shift is let go; with Ctrl+A. Never what is typed, nor copying or Tab.
  let extended = false;
  const endsSelection = ({ type, key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean => {
    if (type === 'keydown') {
      if (shiftKey && /^(Arrow|Home$|End$|Page)/.test(key)) extended = true;
      return false;
    }
    if (key !== 'Shift') return /^a$/i.test(key) && (ctrlKey || metaKey);
    const ended = extended;
    extended = false;
    return ended;
  };

  const finish = (event: PointerEvent | KeyboardEvent): void => {
    // A page can make events, but not ones that the browser vouches for.
    if (!event.isTrusted || (event.target instanceof Element && globalThis.runkeyHosts?.has(event.target)))
      return;
    const key = event instanceof KeyboardEvent;
    if (key && !endsSelection(event)) return;
    const held = (['Alt', 'Control', 'Shift'] as const).filter(name => event.getModifierState(name));
    const at = key ? undefined : { x: event.clientX, y: event.clientY };
    // A press on what was selected lets go of it only after this.
    setTimeout(() => {
      if (chrome.runtime?.id === undefined) return stop();
      if (!isSelected()) return globalThis.runkeyBubble?.(undefined);
      const finished: Finished = { held, ...(at && { at }) };
      if (globalThis.runkeyBubble) return globalThis.runkeyBubble(finished);
      globalThis.runkeyFinished = finished;
      if (asked) return;
      asked = true;
      chrome.runtime.sendMessage({ ask: 'bubble.wanted', body: {} }).catch(() => {
        asked = false;
      });
    });
  };

  const options = { capture: true, passive: true, signal: ended.signal };
  addEventListener('pointerup', finish, options);
  addEventListener('keydown', finish, options);
  addEventListener('keyup', finish, options);
  globalThis.runkeyResident = { stop };
}

// Once in a frame, however often it is brought.
if (!globalThis.runkeyResident) notice();
