import type { Runtime } from 'webextension-polyfill';

/**
 * Who is asking. This is the only file that may look at a sender.
 *
 * Measured in Chromium 156: a content script's origin is its page's; a page of ours has ours, whether in
 * a tab (then `tab` is set) or as the toolbar popup (then it is not); a page of ours framed by a site
 * has our origin too, but a frame id above 0, and its host may be hostile.
 */
export type Sender =
  | { readonly kind: 'page'; readonly page: 'popup' | 'options' }
  | { readonly kind: 'content'; readonly tab: number; readonly frame: number; readonly document: string }
  | { readonly kind: 'stranger' };

/** Where our own pages are: nothing else of our origin speaks to the background. */
export const PAGES = { popup: '/src/popup/index.html', options: '/src/options/index.html' } as const;

interface Ours {
  readonly id: string;
  /** Such as `chrome-extension://…`, without a slash at its end. */
  readonly origin: string;
}

// `origin` and `documentId` are newer than the polyfill's types.
type Claims = Runtime.MessageSender & { origin?: string; documentId?: string };

export function classify(sender: Claims, ours: Ours): Sender {
  if (sender.id !== ours.id) return { kind: 'stranger' };
  const top = sender.frameId === undefined || sender.frameId === 0;
  if (originOf(sender) === ours.origin) return top ? pageOf(sender.url, ours) : { kind: 'stranger' };
  if (sender.tab?.id === undefined) return { kind: 'stranger' };
  return {
    kind: 'content',
    tab: sender.tab.id,
    frame: sender.frameId ?? 0,
    document: sender.documentId ?? `${sender.tab.id}/${sender.frameId}`,
  };
}

/** Firefox gives no `origin` for every kind of sender; then the browser's own `url` says it. */
function originOf({ origin, url }: Claims): string | undefined {
  if (origin !== undefined && origin !== 'null') return origin;
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed ? `${parsed.protocol}//${parsed.host}` : undefined;
}

function pageOf(url: string | undefined, ours: Ours): Sender {
  const parsed = url === undefined ? null : URL.parse(url);
  if (parsed === null || `${parsed.protocol}//${parsed.host}` !== ours.origin) return { kind: 'stranger' };
  if (parsed.pathname === PAGES.popup) return { kind: 'page', page: 'popup' };
  if (parsed.pathname === PAGES.options) return { kind: 'page', page: 'options' };
  return { kind: 'stranger' };
}
