import { Failure } from '../failure';

/** Gives a question so long, ms. Rejects with `timed-out` when a service is silent for longer, and with what the question rejects with. */
export async function within<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(silent(ms)), ms);
  try {
    return await ask(late.signal);
  } finally {
    clearTimeout(timer);
  }
}

const silent = (ms: number): Failure =>
  new Failure('timed-out', `The service did not answer in ${Math.round(ms / 1000)} seconds.`, {
    next: 'Try again in a while. A firewall may be in the way, or a network of a company that must be joined first.',
  });
