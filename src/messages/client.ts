import browser from 'webextension-polyfill';
import { Failure } from '../failure';
import {
  type BodyOf,
  type PageAsks,
  pageAsks,
  type Reply,
  type ReplyOf,
  STATE_PORT,
  type StateEvent,
} from './contract';

/**
 * Asks the background and gives its answer. Throws the background's Failure, or `no-answer` when none
 * came within the request's time limit, even if there is no background any more.
 */
export async function ask<N extends keyof PageAsks>(
  name: N,
  body: BodyOf<PageAsks, N>,
): Promise<ReplyOf<PageAsks, N>> {
  const reply = await inTime(pageAsks[name].limit, send({ ask: name, body }));
  if (!reply.ok) throw Failure.from(reply.failure);
  return reply.value as ReplyOf<PageAsks, N>;
}

async function send(message: { ask: string; body: unknown }): Promise<Reply> {
  const reply = await browser.runtime.sendMessage<unknown, Reply | undefined>(message).catch(() => undefined);
  // No listener, or one that died while answering. It may have acted: asking again is for the person.
  if (reply === undefined) throw noAnswer();
  return reply;
}

function inTime<T>(limit: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(noAnswer()), limit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function noAnswer(): Failure {
  return new Failure('no-answer', 'Runkey’s background did not answer.', {
    next: 'Try again. If it stays silent, turn Runkey off and on in the browser’s list of extensions.',
  });
}

/**
 * Watches the state. `gone` is told when the background went to sleep or died; whether to watch again
 * at once is the page's to decide, since watching wakes the background.
 */
export function watchState(on: { event: (event: StateEvent) => void; gone: () => void }): {
  stop: () => void;
} {
  const port = browser.runtime.connect({ name: STATE_PORT });
  port.onMessage.addListener(event => on.event(event as StateEvent));
  port.onDisconnect.addListener(() => on.gone());
  return { stop: () => port.disconnect() };
}
