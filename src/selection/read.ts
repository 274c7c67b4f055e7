import type { Remembered } from './remembered';

// These functions run in pages: the browser takes their text there, and nothing of what stands around it.

declare const chrome: { dom?: { openOrClosedShadowRoot(element: Element): ShadowRoot | null } };

declare global {
  interface Element {
    /** Firefox's, for extensions. */
    readonly openOrClosedShadowRoot?: ShadowRoot | null;
  }
  interface ShadowRoot {
    /** Chromium's. */
    getSelection?(): Selection | null;
  }
}

export interface Selected {
  readonly text: string;
  readonly title: string;
  readonly url: string;
  /** Whether `insertText` can put something in its place. */
  readonly editable: boolean;
  /** Whether the person is in this very frame. */
  readonly focused: boolean;
  /** It is in a field for a password, a card's number or the like: it is not read. */
  readonly private?: true;
}

/**
 * What is selected in this frame, as plain text of at most `most` characters; null: nothing. For a `card` its place is
 * remembered, so that `insertText` can find it for that card alone.
 */
export function readSelection(most: number, card?: string): Selected | null {
  const shadowOf = (element: Element): ShadowRoot | null => {
    try {
      return (
        chrome.dom?.openOrClosedShadowRoot(element) ?? element.openOrClosedShadowRoot ?? element.shadowRoot
      );
    } catch {
      return element.shadowRoot;
    }
  };
  const isField = (node: unknown): node is HTMLInputElement | HTMLTextAreaElement =>
    node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement;
  const isPrivate = (field: HTMLInputElement | HTMLTextAreaElement): boolean =>
    field.type === 'password' ||
    /(^|\s)(cc-|(current|new)-password|one-time-code)/i.test(field.autocomplete) ||
    /card.?(num|no\b)|cc.?(num|csc|exp)|cvv|cvc|password|passwd/i.test(`${field.name} ${field.id}`) ||
    !['', 'none'].includes(getComputedStyle(field).getPropertyValue('-webkit-text-security'));
  const focused =
    document.hasFocus() && !/^(iframe|frame|embed|object)$/.test(document.activeElement?.localName ?? '');
  const about = (): Omit<Selected, 'text' | 'editable'> => ({
    title: String(document.title).slice(0, 1000),
    url: location.href,
    focused,
  });
  const selected = (text: string, editable: boolean): Selected | null =>
    text.trim() === '' ? null : { text: text.slice(0, most), editable, ...about() };
  const remember = (place: Remembered): void => {
    globalThis.runkeySelected = place;
    if (card !== undefined) globalThis.runkeyPlace = { card, place };
  };

  globalThis.runkeySelected = undefined;

  let active = document.activeElement;
  for (let root = active && shadowOf(active); root?.activeElement; root = shadowOf(active)) {
    active = root.activeElement;
  }

  let selection = getSelection();
  let at: Node | null = null;
  // A selection within a shadow root shows outside as the place of its host.
  for (let deep = 0; selection && deep < 100; deep++) {
    const { anchorNode, anchorOffset } = selection;
    at = anchorNode?.childNodes[anchorOffset] ?? anchorNode;
    const root: ShadowRoot | null = at instanceof Element && !isField(at) ? shadowOf(at) : null;
    const inner: Selection | null = root?.getSelection?.() ?? null;
    if (!inner?.anchorNode || !root?.contains(inner.anchorNode)) break;
    selection = inner;
  }

  const field = isField(active) ? active : isField(at) && selection?.isCollapsed ? at : null;
  if (field) {
    if (isPrivate(field)) return { text: '', editable: false, private: true, ...about() };
    const { selectionStart: start, selectionEnd: end, value } = field;
    if (start !== null && end !== null && start < end) {
      const text = value.slice(start, end);
      const editable = !field.readOnly && !field.disabled && text.length <= most;
      remember({ type: 'field', field, start, end, text });
      return selected(text, editable);
    }
  }

  const text = selection?.toString() ?? '';
  if (selection?.rangeCount !== 1) return selected(text, false);
  const range = selection.getRangeAt(0).cloneRange();
  const ancestor = range.commonAncestorContainer;
  const element = ancestor instanceof Element ? ancestor : ancestor.parentElement;
  const editable =
    element instanceof HTMLElement && element.isContentEditable && text.length <= most && !range.collapsed;
  remember({ type: 'range', range, text: editable ? range.toString() : '' });
  return selected(text, editable);
}

/**
 * The image of that address on this page, as a PNG or JPEG data URI of at most `most` characters.
 * Null where it is missing, too large, or not the page's to read.
 */
export function readImage(address: string, most: number): string | null {
  if (/^data:image\/(png|jpeg);base64,/i.test(address) && address.length <= most) return address;

  const shadowOf = (element: Element): ShadowRoot | null => {
    try {
      return (
        chrome.dom?.openOrClosedShadowRoot(element) ?? element.openOrClosedShadowRoot ?? element.shadowRoot
      );
    } catch {
      return element.shadowRoot;
    }
  };
  const find = (root: Document | ShadowRoot): HTMLImageElement | null => {
    for (const image of root.querySelectorAll('img')) {
      if (image.complete && (image.currentSrc === address || image.src === address)) return image;
    }
    // Only elements of these names, and those of a page's own, can have a shadow root.
    const hosts = 'article,aside,blockquote,body,div,footer,h1,h2,h3,h4,h5,h6,header,main,nav,p,section,span';
    for (const element of root.querySelectorAll('*')) {
      if (!element.localName.includes('-') && !hosts.split(',').includes(element.localName)) continue;
      const inner = shadowOf(element);
      const found = inner && find(inner);
      if (found) return found;
    }
    return null;
  };

  const image = find(document);
  if (!image) return null;
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth || image.width;
  canvas.height = image.naturalHeight || image.height;
  const context = canvas.getContext('2d');
  if (!context || canvas.width === 0 || canvas.height === 0) return null;
  try {
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const png = canvas.toDataURL('image/png');
    if (png.startsWith('data:image/png;base64,') && png.length <= most) return png;
    // JPEG knows no transparency: what is transparent would be black.
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
    const jpeg = canvas.toDataURL('image/jpeg', 0.9);
    return jpeg.startsWith('data:image/jpeg;base64,') && jpeg.length <= most ? jpeg : null;
  } catch {
    return null;
  }
}
