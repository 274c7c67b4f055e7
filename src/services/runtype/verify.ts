import { Failure, isFailure, reportOf } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { bodyOf } from '../body';
import { request } from '../egress';
import { parsed } from '../json';
import type { Verdict } from '../service';
import { waitOf } from './again';
import { addressIn, surfaceIn } from './endpoint';
import { failureOf } from './errors';
import { ask } from './http';
import { refusalIn } from './refusal';

/** It has the form of a capability's name, and is made of none: those begin with a letter or a digit. */
const NOBODY = '-runkey-key-check-';

/**
 * Runtype has no question that costs nothing, so a capability is asked for that there cannot be: a bad key is a 401,
 * a good one is told that there is none (404), or that it is limited to others (403). Whether the key is looked at
 * before the address is not documented: a 404 proves the key only if the same without a key is a 401.
 */
export async function verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  try {
    return await verdictOn(key, signal);
  } catch (thrown) {
    return { outcome: 'could-not-tell', failure: reportOf(thrown) };
  }
}

async function verdictOn(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  const surface = surfaceIn(key.fields.endpoint ?? '');
  if (!surface) throw new Failure('bad-input', 'The key has no Endpoint URL that Runkey can read.');
  const url = addressIn(surface, NOBODY);
  const response = await ask(key, { url, body: '{}' }, signal);
  const [{ status }, body] = [response, await bodyOf(response, signal)];
  const said = refusalIn(parsed(body));
  const failure = failureOf({ status, body, wait: waitOf(response.headers), runs: false });
  if (status === 401 && said) return { outcome: 'rejected', failure: failure.report };
  if (status === 403 && said && !isFailure(failure, 'service-error')) return { outcome: 'works' };
  if (status !== 404 || !said) throw response.ok ? strange() : failure;
  // Of a surface that there is not, a key can prove nothing.
  if (!failure.report.field) throw failure;
  if (await isKeyAskedFirst(key, url, signal)) return { outcome: 'works' };
  throw new Failure('service-error', 'Runtype does not say whether this key is good.', {
    next: 'Its address is right. Run one of its capabilities: that shows it.',
  });
}

/** Whether the same without a key is refused for the lack of one. */
async function isKeyAskedFirst(key: OpenedKey, url: URL, signal: AbortSignal): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  const { status } = await request(key, url, { method: 'POST', headers, body: '{}', signal });
  return status === 401;
}

const strange = (): Failure =>
  new Failure('unreadable-answer', 'Runtype answered in a way that Runkey does not know.', {
    next: 'Run one of its capabilities: that shows whether the key works.',
  });
