import * as v from 'valibot';
import browser, { type Runtime } from 'webextension-polyfill';
import { Failure, reportOf } from '../failure';
import { CARD_PORT, type CardEvent } from './card';
import {
  type Asks,
  type BodyOf,
  type ContentAsks,
  contentAsks,
  type PageAsks,
  pageAsks,
  type Reply,
  type ReplyOf,
  STATE_PORT,
  type StateEvent,
} from './contract';
import { classify, type Sender } from './sender';

type Handlers<A extends Asks, From> = {
  [N in keyof A]: (body: BodyOf<A, N>, from: From) => Promise<ReplyOf<A, N>>;
};

export interface Behind {
  readonly page: Handlers<PageAsks, Extract<Sender, { kind: 'page' }>>;
  readonly content: Handlers<ContentAsks, Extract<Sender, { kind: 'content' }>>;
  /** Someone began to watch the state; what is returned ends it. */
  readonly watch: (send: (event: StateEvent) => void) => () => void;
  /** A card in a page watches its own call. */
  readonly watchCard: (
    from: Extract<Sender, { kind: 'content' }>,
    send: (event: CardEvent) => void,
  ) => () => void;
}

const Request = v.strictObject({ ask: v.pipe(v.string(), v.maxLength(100)), body: v.unknown() });

/**
 * The only way in from another context. Classifies the sender, checks the request against its schema,
 * and refuses what that sender may not ask. Call it at the top level of the background, so that a
 * message which wakes it finds it listening.
 */
export function openDoor(behind: Behind): void {
  // Not by URL.origin, which is "null" for moz-extension: in Firefox.
  const ours = { id: browser.runtime.id, origin: browser.runtime.getURL('').replace(/\/$/, '') };

  browser.runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) =>
    answer(message, classify(sender, ours), behind),
  );

  browser.runtime.onConnect.addListener(port => {
    const from: Sender = port.sender ? classify(port.sender, ours) : { kind: 'stranger' };
    const stop =
      from.kind === 'page' && port.name === STATE_PORT
        ? behind.watch(event => port.postMessage(event))
        : from.kind === 'content' && port.name === CARD_PORT && from.frame === 0
          ? behind.watchCard(from, event => port.postMessage(event))
          : undefined;
    if (!stop) return port.disconnect();
    port.onDisconnect.addListener(stop);
  });
}

/** Never rejects: what goes wrong is in the reply, with our own code, which the browser would not carry. */
export async function answer(message: unknown, from: Sender, behind: Behind): Promise<Reply> {
  try {
    return { ok: true, value: await handle(message, from, behind) };
  } catch (thrown) {
    return { ok: false, failure: reportOf(thrown) };
  }
}

function handle(message: unknown, from: Sender, behind: Behind): Promise<unknown> {
  const request = v.safeParse(Request, message);
  if (!request.success) throw badRequest();
  const { ask, body } = request.output;
  switch (from.kind) {
    case 'page':
      return dispatch(pageAsks, behind.page, ask, body, from);
    case 'content':
      return dispatch(contentAsks, behind.content, ask, body, from);
    case 'stranger':
      throw refused();
  }
}

function dispatch<A extends Asks, From extends Sender>(
  asks: A,
  handlers: Handlers<A, From>,
  name: string,
  body: unknown,
  from: From,
) {
  // Own names only: “constructor” is nobody's request.
  if (!Object.hasOwn(asks, name)) throw refused();
  const known: keyof A = name;
  const asked = asks[known];
  if (!asked || (asked.options && !(from.kind === 'page' && from.page === 'options'))) throw refused();
  const read = v.safeParse(asked.body, body, { abortEarly: true });
  if (!read.success) throw badRequest();
  return handlers[known](read.output, from);
}

function refused(): Failure {
  return new Failure('refused', 'Runkey does not do that for whoever asked.');
}

function badRequest(): Failure {
  return new Failure('bad-request', 'Runkey was asked something that it does not understand.', {
    next: 'Close this page and open it again: the extension may have been updated.',
  });
}
