import type {} from './finished';

/** How often a page may take it away before it is left to have its way. */
const MOST_FIGHTS = 5;
const IN_DIALOG = { childList: true, attributeFilter: ['open'] };

export interface Layer {
  /** Closed: the page cannot look inside. */
  readonly root: ShadowRoot;
  readonly host: HTMLElement;
  /** What is seen of it. */
  readonly panel: HTMLElement;
  /** Puts it on top of everything else, again if need be. */
  raise(): void;
  close(): void;
}

interface Around {
  readonly css: string;
  /** The page fights for its removal; it is closed by then. */
  readonly lost: () => void;
  /** It has been shown anew, or somewhere else. */
  readonly moved: () => void;
}

/** A place of our own in a page: a closed shadow root in the browser's top layer. */
export function openLayer({ css, lost, moved }: Around): Layer {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'closed' });
  const panel = document.createElement('div');
  panel.className = 'runkey';
  dress(root, css);
  root.append(panel);
  globalThis.runkeyHosts ??= new WeakSet();
  globalThis.runkeyHosts.add(host);
  host.popover = 'manual';
  let fights = 0;
  let ours = false;
  const ended = new AbortController();

  const raise = (): void => {
    ours = true;
    const had = root.activeElement;
    try {
      if (host.popover !== 'manual') host.popover = 'manual';
      for (const name of ['inert', 'hidden', 'aria-hidden']) host.removeAttribute(name);
      const parent = parentFor(host);
      if (host.parentNode !== parent) parent.append(host);
      if (host.matches(':popover-open')) host.hidePopover();
      host.showPopover();
      if (had instanceof HTMLElement && root.activeElement !== had) had.focus({ preventScroll: true });
      moved();
    } catch {
      // A document that is going away shows nothing.
      close();
      lost();
    } finally {
      changes.takeRecords();
      ours = false;
    }
  };
  const close = (): void => {
    ended.abort();
    changes.disconnect();
    host.remove();
  };
  const fight = (records?: readonly MutationRecord[]): void => {
    if (ours || ended.signal.aborted) return;
    // A dialog that was closed and opened again at once stands above what stands in it.
    const reopened = records?.some(
      ({ target, attributeName }) => target !== host && attributeName === 'open',
    );
    if (isInPlace() && !reopened) return;
    fights++;
    if (fights <= MOST_FIGHTS) raise();
    else {
      close();
      lost();
    }
  };
  const isInPlace = (): boolean =>
    host.isConnected &&
    host.matches(':popover-open') &&
    host.parentNode === parentFor(host) &&
    !['inert', 'hidden', 'aria-hidden'].some(name => host.hasAttribute(name));

  const changes = new MutationObserver(records => fight(records));
  changes.observe(document, { childList: true });
  changes.observe(host, { attributes: true });
  raise();
  watchParents();

  /** A page can take away the host, or what it stands in. */
  function watchParents(): void {
    changes.observe(document.documentElement, { childList: true });
    const options = { capture: true, signal: ended.signal };
    host.addEventListener('toggle', () => queueMicrotask(() => fight()), options);
    // What goes away with all that it stood in has no size any more.
    const size = new ResizeObserver(() => fight());
    size.observe(panel);
    ended.signal.addEventListener('abort', () => size.disconnect());
    // A modal dialog that opens makes everything outside it inert; one that closes takes us with it.
    const dialogs = (event: Event): void => {
      if (!(event.target instanceof HTMLDialogElement) || isInPlace()) return;
      const parent = parentFor(host);
      if (parent !== document.documentElement) changes.observe(parent, IN_DIALOG);
      raise();
    };
    document.addEventListener('toggle', dialogs, options);
    document.addEventListener('close', dialogs, options);
    const dialog = host.parentNode;
    if (dialog && dialog !== document.documentElement) changes.observe(dialog, IN_DIALOG);
  }

  return { root, host, panel, raise, close };
}

/** The modal dialog that is open, if there is one: everything outside it is inert. */
function parentFor(host: HTMLElement): Element {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  for (; element; element = hostOf(element)) {
    const dialog: Element | null = element.closest('dialog:modal');
    if (dialog) return dialog;
  }
  const around = host.closest('dialog:modal');
  if (around) return around;
  return [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.documentElement;
}

function hostOf(element: Element): Element | null {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/** Sheets that are made by script are no business of a page's Content-Security-Policy. */
function dress(root: ShadowRoot, css: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    style.textContent = css;
    root.append(style);
  }
}
