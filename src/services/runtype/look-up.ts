import { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { bodyOf } from '../body';
import { parsed } from '../json';
import type { Row, Task, TaskEvent } from '../service';
import { waitOf } from './again';
import { slugsIn, surfaceIn } from './endpoint';
import { failureOf, notJson } from './errors';
import { ask } from './http';
import { requestOf } from './operations';
import { capabilitiesIn, rowOf } from './specification';

/** Answers that say no more than that the description is not to be had there. */
const ABSENT = [403, 404, 405];

/**
 * Lists the capabilities that the surface's description names; where it cannot be had, those that are noted with
 * the key. It costs nothing and changes nothing, so that it counts as sent only when its answer is here.
 */
export async function* lookedUp(
  task: Task,
  key: OpenedKey,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void> {
  yield { type: 'connecting' };
  const search = (task.values.search ?? '').trim().toLowerCase();
  const all = await offered(task, key, signal);
  const rows = all.filter(({ id, title }) => `${id} ${title}`.toLowerCase().includes(search));
  yield { type: 'sending', trace: undefined };
  yield { type: 'list', id: 'only', rows, total: rows.length, last: true };
}

async function offered(task: Task, key: OpenedKey, signal: AbortSignal): Promise<Row[]> {
  const response = await ask(key, requestOf(task, key), signal);
  const { ok, status, headers } = response;
  const body = await bodyOf(response, signal);
  const isAbsent = ABSENT.includes(status);
  if (!ok && !isAbsent) throw failureOf({ status, body, wait: waitOf(headers), runs: false });
  const described = ok ? capabilitiesIn(parsed(body)) : undefined;
  if (described) return described.map(rowOf);
  const noted = notedWith(key);
  if (noted.length > 0) return noted;
  throw isAbsent ? absent() : notJson(body, false);
}

function notedWith({ fields }: OpenedKey): Row[] {
  const own = surfaceIn(fields.endpoint ?? '')?.capability;
  const slugs = new Set([...(own ? [own] : []), ...slugsIn(fields.capabilities ?? '')]);
  return [...slugs].map(id => ({ id, title: id, note: 'As noted with the key' }));
}

const absent = (): Failure =>
  new Failure('not-found', 'The surface’s description is not to be had at that address.', {
    next: 'Give the OpenAPI address in the key’s options, or type a capability’s name: the Endpoints tab of the API surface shows both.',
  });
