import * as v from 'valibot';
import { Failure, isFailure, reportOf } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { parsed } from '../json';
import type { Verdict } from '../service';
import type { Access } from './access';
import { ask, proven } from './http';
import { requestOf } from './operations';

const Rules = v.object({ accessRules: v.array(v.unknown()) });

/** A new token proves application and secret; what may be done with it, the count of workloads and the own access rules. */
export async function verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  try {
    await proven(key, signal, access => allowed(key, access, signal));
    return { outcome: 'works' };
  } catch (thrown) {
    const failure = reportOf(thrown);
    return isFailure(thrown, 'rejected-key')
      ? { outcome: 'rejected', failure }
      : { outcome: 'could-not-tell', failure };
  }
}

async function allowed(key: OpenedKey, access: Access, signal: AbortSignal): Promise<void> {
  const get = (operation: string, values = {}) =>
    ask(key, requestOf({ id: '', operation, values }, key), signal, { access });
  try {
    await get('count');
  } catch (thrown) {
    // An older version has no count; the token was accepted all the same.
    if (isFailure(thrown, 'not-found')) return;
    if (!isFailure(thrown, 'rejected-key')) throw thrown;
    // It may do something else.
    const { text } = await get('rules', { most: '1' });
    const rules = v.safeParse(Rules, parsed(text));
    if (rules.success && rules.output.accessRules.length > 0) return;
    throw new Failure('rejected-key', 'The application has no access rules, so that it may do nothing.', {
      next: 'Application and secret key are right. Whoever administers Run:ai can give it a role: Settings & Tools → Application → Access rules.',
    });
  }
}
