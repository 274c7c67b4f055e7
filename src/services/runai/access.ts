import { Failure, isFailure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { abortable } from '../abortable';
import { bodyOf } from '../body';
import { request } from '../egress';
import { fingerprint } from '../fingerprint';
import { originIn } from './address';
import { noTokens } from './errors';
import { type Style, stylesFor } from './styles';
import { type Token, tokenIn } from './token';

/** How long a token may be waited for, ms. */
const PATIENCE = 30_000;
/** For so long, ms, what was rejected is not said again: wrong secrets may lock an application. */
const REST = 30_000;

/** The way to ask that worked, by key and control plane. It is no secret, and outlives a lock. */
const ways = new Map<string, string>();

/** A key's token, in memory alone: made when it is wanted, shared by all calls, renewed before it ends. */
export class Access {
  private token: Token | undefined;
  private renewing: Promise<Token> | undefined;
  private rejection: { readonly failure: Failure; readonly until: number } | undefined;
  private readonly end = new AbortController();

  constructor(private readonly by: string) {}

  serves(key: OpenedKey): boolean {
    return this.by === byWhom(key);
  }

  /**
   * The token, or a new one where there is none that is good still; `refused` is one that was not accepted.
   * Throws `rejected-key`, `not-found`, `vault-locked`, `timed-out`, what `request` throws, the signal's reason.
   */
  async granted(key: OpenedKey, signal: AbortSignal, refused?: string): Promise<string> {
    this.end.signal.throwIfAborted();
    if (this.token && this.token.text !== refused && Date.now() < this.token.until) return this.token.text;
    if (this.rejection && Date.now() < this.rejection.until) throw this.rejection.failure;
    // One that another call is having made already is newer than the one that was refused.
    this.renewing ??= this.renew(key).finally(() => {
      this.renewing = undefined;
    });
    return (await abortable(this.renewing, signal)).text;
  }

  /** Its credentials were found to be good after all. */
  cleared(): void {
    this.rejection = undefined;
  }

  /** Forgets the token, and makes no other; who waits for one gets the reason. */
  forget(reason: Failure): void {
    this.token = undefined;
    this.end.abort(reason);
  }

  private async renew(key: OpenedKey): Promise<Token> {
    this.token = undefined;
    try {
      const token = await this.made(key);
      this.end.signal.throwIfAborted();
      this.rejection = undefined;
      this.token = token;
      return token;
    } catch (thrown) {
      if (isFailure(thrown, 'rejected-key')) this.rejection = { failure: thrown, until: Date.now() + REST };
      throw thrown;
    }
  }

  private async made(key: OpenedKey): Promise<Token> {
    const origin = originIn(key.fields.url) ?? '';
    const way = `${key.id} ${origin} ${key.fields.realm ?? ''}`;
    const usual = ways.get(way);
    const styles = stylesFor(key.fields);
    const inOrder = [
      ...styles.filter(({ name }) => name === usual),
      ...styles.filter(({ name }) => name !== usual),
    ];
    for (const style of inOrder) {
      const token = await this.asked(key, origin, style);
      if (token === 'elsewhere') continue;
      ways.set(way, style.name);
      return token;
    }
    throw noTokens();
  }

  private async asked(
    key: OpenedKey,
    origin: string,
    { path, type, body }: Style,
  ): Promise<Token | 'elsewhere'> {
    const url = URL.parse(path, origin);
    if (!url) throw noTokens();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(slow()), PATIENCE);
    const signal = AbortSignal.any([this.end.signal, late.signal]);
    try {
      const now = Date.now();
      const headers = { accept: '*/*', 'content-type': type };
      const response = await request(key, url, { method: 'POST', headers, body, signal });
      const text = await bodyOf(response, signal);
      return tokenIn(response.status, text, now);
    } catch (thrown) {
      signal.throwIfAborted();
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Tells a key's credentials from the ones it had before. */
export const byWhom = ({ fields }: OpenedKey): string =>
  fingerprint(JSON.stringify([fields.url, fields.application, fields.secretKey, fields.realm]));

const slow = (): Failure =>
  new Failure('timed-out', 'Run:ai gave no token in half a minute.', {
    next: 'Run again in a while; if it stays so, tell whoever administers it.',
  });
