import { Failure } from '../failure';

/** The body of an answer. Throws `unreachable` where it breaks off, or the signal's reason. */
export async function bodyOf(response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch {
    signal.throwIfAborted();
    throw new Failure('unreachable', 'The answer broke off.', {
      next: 'Check the connection, then run again.',
    });
  }
}
