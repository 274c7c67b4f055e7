import type { Runtime } from 'webextension-polyfill';

/**
 * Who is asking. This is the only file that may look at a sender.
 *
 * Measured in Chromium 156: a content script's origin is its page's; a page of ours has ours, whether in
 * a tab (then `tab` is set) or as the toolbar popup (then it is not); a page of ours framed by a site
 * has our origin too, but a frame id above 0, and its host may be hostile.
 */
export type Sender =
  | { readonly kind: 'page' }
  | { readonly kind: 'content'; readonly tab: number; readonly document: string }
  | { readonly kind: 'stranger' };

/** Where our own pages are: nothing else of our origin speaks to the background. */
export const PAGES = ['/src/popup/index.html', '/src/options/index.html'];

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
  if (originOf(sender) === ours.origin)
    return top && isPage(sender.url, ours) ? { kind: 'page' } : { kind: 'stranger' };
  if (sender.tab?.id === undefined) return { kind: 'stranger' };
  return {
    kind: 'content',
    tab: sender.tab.id,
    document: sender.documentId ?? `${sender.tab.id}/${sender.frameId}`,
  };
}

/** Firefox gives no `origin` for every kind of sender; then the browser's own `url` says it. */
function originOf({ origin, url }: Claims): string | undefined {
  if (origin !== undefined && origin !== 'null') return origin;
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed ? `${parsed.protocol}//${parsed.host}` : undefined;
}

function isPage(url: string | undefined, ours: Ours): boolean {
  const parsed = url === undefined ? null : URL.parse(url);
  return (
    parsed !== null && `${parsed.protocol}//${parsed.host}` === ours.origin && PAGES.includes(parsed.pathname)
  );
}
