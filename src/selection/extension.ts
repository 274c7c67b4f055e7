import type { CardEvent } from '../messages/card';
import type { BodyOf, ContentAsks, Reply, ReplyOf } from '../messages/contract';

// The polyfill stays out of pages.
interface Port {
  readonly onMessage: { addListener(listener: (event: CardEvent) => void): void };
  readonly onDisconnect: { addListener(listener: () => void): void };
  disconnect(): void;
}
interface Runtime {
  readonly id?: string;
  sendMessage(message: { ask: string; body: unknown }): Promise<Reply | undefined>;
  connect(info: { name: string }): Port;
}
declare const browser: { runtime?: Runtime } | undefined;
declare const chrome: { runtime?: Runtime };

const runtime = (): Runtime | undefined =>
  typeof browser === 'undefined' ? chrome.runtime : browser.runtime;

/** Ms after which there is no answer to be waited for. */
const LIMIT = 30_000;

export interface Complaint {
  readonly message: string;
  readonly next?: string;
}

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Complaint & { readonly code?: string } };

/** False in a copy that an update of the extension has left behind in the page. */
export function isAlive(): boolean {
  try {
    return runtime()?.id !== undefined;
  } catch {
    return false;
  }
}

/** Asks the background. Never rejects. */
export async function ask<N extends keyof ContentAsks>(
  name: N,
  body: BodyOf<ContentAsks, N>,
): Promise<Answer<ReplyOf<ContentAsks, N>>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, LIMIT, undefined);
  });
  try {
    const reply = await Promise.race([runtime()?.sendMessage({ ask: name, body }), silence]);
    if (reply) return reply as Answer<ReplyOf<ContentAsks, N>>;
  } catch {
    // Nobody is there to answer, or the extension is not there any more.
  } finally {
    clearTimeout(timer);
  }
  const next = isAlive() ? 'Try again.' : 'Reload this page.';
  return { ok: false, failure: { message: 'Runkey’s background did not answer.', next } };
}

/** Opens the line on which the background tells of this document's card. Throws in an orphaned copy. */
export function connect(name: string): Port {
  const port = runtime()?.connect({ name });
  if (!port) throw new Error('The extension is gone.');
  return port;
}
