import { Failure, isFailure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { bodyOf } from '../body';
import { request } from '../egress';
import { redact } from '../redact';
import { Access, byWhom } from './access';
import { failureOf, locked } from './errors';

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  /** JSON. */
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** How long an answer may take, ms. */
const LONGEST = 2 * 60_000;

/** One a key. */
const accesses = new Map<string, Access>();
/** Those of tests that are under way. */
const proving = new Set<Access>();

function accessOf(key: OpenedKey): Access {
  const known = accesses.get(key.id);
  if (known?.serves(key)) return known;
  known?.forget(changed());
  const made = new Access(byWhom(key));
  accesses.set(key.id, made);
  return made;
}

/**
 * Does some work with a token that is made anew, whatever there is, and forgotten afterwards: it proves the key as
 * it is now. Throws what `Access.granted` and the work throw.
 */
export async function proven<T>(
  key: OpenedKey,
  signal: AbortSignal,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  const access = new Access(byWhom(key));
  proving.add(access);
  try {
    await access.granted(key, signal);
    const known = accesses.get(key.id);
    if (known?.serves(key)) known.cleared();
    return await work(access);
  } finally {
    proving.delete(access);
    access.forget(locked());
  }
}

/** Forgets every token. What was sent may be answered still. */
export function forgetTokens(): void {
  for (const access of [...accesses.values(), ...proving]) access.forget(locked());
  accesses.clear();
}

/** Sees to it that there is a token, so that what is sent next leaves at once. Throws what `Access.granted` throws. */
export async function ready(key: OpenedKey, signal: AbortSignal): Promise<void> {
  await accessOf(key).granted(key, signal);
}

/**
 * Asks one thing with the key's token, a second time with a new one where the first is not accepted: then nothing
 * was done. Throws what `Access.granted` throws, and for a refusal what it means; `writes`: it changes something,
 * and may have been done.
 */
export async function ask(
  key: OpenedKey,
  wire: WireRequest,
  signal: AbortSignal,
  { writes = false, access = accessOf(key) } = {},
): Promise<Reply> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(slow()), LONGEST);
  const either = AbortSignal.any([signal, late.signal]);
  try {
    const token = await access.granted(key, either);
    let reply = await said(key, wire, token, either);
    if (reply.status === 401)
      reply = await said(key, wire, await renewed(access, key, either, token), either);
    const { status, text } = reply;
    if (status < 200 || status > 299) throw failureOf(status, redact(text, [token]), writes);
    return { status, text: text.replaceAll(token, '[removed]') };
  } catch (thrown) {
    either.throwIfAborted();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** Another token than the one that was refused. Where the network keeps it away, nothing was done all the same. */
async function renewed(
  access: Access,
  key: OpenedKey,
  signal: AbortSignal,
  refused: string,
): Promise<string> {
  try {
    return await access.granted(key, signal, refused);
  } catch (thrown) {
    if (!isFailure(thrown, 'offline') && !isFailure(thrown, 'unreachable')) throw thrown;
    const { message, next } = thrown.report;
    throw new Failure('service-error', `The token had ended, and no new one could be had. ${message}`, {
      next: `Nothing was done. ${next ?? ''}`,
    });
  }
}

async function said(
  key: OpenedKey,
  { method, url, body }: WireRequest,
  token: string,
  signal: AbortSignal,
): Promise<Reply> {
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const response = await request(key, url, { method, headers, ...(body !== undefined && { body }), signal });
  return { status: response.status, text: await bodyOf(response, signal) };
}

const slow = (): Failure =>
  new Failure('unreachable', 'Run:ai did not answer in two minutes.', {
    next: 'Run again in a while; if it stays so, tell whoever administers it.',
  });

const changed = (): Failure =>
  new Failure('service-error', 'The key was changed while this call waited for a token. Nothing was done.', {
    next: 'Run again: that takes the key as it is now.',
  });
