import { randomUUID } from 'node:crypto';
import { type Answer, isObject, mediaType, parsed } from '../loopback/wire';
import type { LedgerEntry } from './ledger';
import { notFound, refusal, unreadable } from './refusals';
import type { Visit } from './routes';
import { receipt, submitted } from './submit';
import { isKind, kinds, type Workload } from './workloads';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Action = 'delete' | 'suspend' | 'resume';

const isAction = (value: unknown): value is Action =>
  value === 'delete' || value === 'suspend' || value === 'resume';

const accepted = (message: string): Answer => ({ status: 202, body: { code: 202, message } });

export function submittedAt(visit: Visit): Answer {
  const { ask, plane, application, at } = visit;
  if (!isKind(at.kind)) return notFound();
  const workload = submitted(ask, at.kind, plane.workloads, application.label);
  if ('wrong' in workload) return workload.wrong;
  entered(visit, 'create', workload);
  return { status: 202, body: receipt(workload) };
}

export function removed(visit: Visit): Answer {
  const workload = workloadAt(visit);
  if ('wrong' in workload) return workload.wrong;
  return done(visit, workload, 'delete');
}

export function actOnOne(visit: Visit): Answer {
  const { action } = visit.at;
  const workload = workloadAt(visit);
  if ('wrong' in workload) return workload.wrong;
  return isAction(action) ? done(visit, workload, action) : notFound();
}

/** Each on its own: what cannot be done for one does not keep the others from it, and the status is 200. */
export function actOnMany(visit: Visit): Answer {
  const { ask, plane } = visit;
  const body = mediaType(ask) === 'application/json' ? parsed(ask.body) : undefined;
  if (!isObject(body)) return refusal(400, unreadable);
  const { ids, action } = body;
  if (!Array.isArray(ids) || ids.length < 1 || ids.length > 100) {
    return refusal(400, 'ids must have between 1 and 100 items');
  }
  if (!ids.every(id => typeof id === 'string' && UUID.test(id))) return refusal(400, 'ids must be UUIDs');
  if (!isAction(action)) return refusal(400, 'action must be one of delete, suspend, resume');
  const outcomes = ids.map(id => {
    const workload = plane.workloads.find(id);
    return {
      id,
      ...told(workload ? done(visit, workload, action) : notFound(`workload '${id}' was not found`)),
    };
  });
  const failed = outcomes.filter(({ code }) => code >= 400);
  const succeeded = outcomes.filter(({ code }) => code < 400).map(({ id }) => id);
  return { status: 200, body: { id: randomUUID(), succeeded, failed } };
}

function done(visit: Visit, workload: Workload, action: Action): Answer {
  const { workloads, switches } = visit.plane;
  if (action === 'delete') {
    workloads.remove(workload);
  } else if (!kinds[workload.order.kind].suspends) {
    return refusal(400, `${action} is not supported for this workload`);
  } else if (!workloads[action](workload)) {
    const sentence = `workload is already ${action === 'suspend' ? 'suspended' : 'running'}`;
    return switches.redundant === 'conflict' ? refusal(409, sentence) : accepted(sentence);
  }
  entered(visit, action, workload);
  return accepted(`workload ${action} request accepted`);
}

function entered({ ask, plane, application }: Visit, what: LedgerEntry['what'], { id }: Workload): void {
  plane.ledger.enter({ what, by: application.label, id, host: ask.host });
}

/** The workload that the path names, if it is of the kind that the path names. */
function workloadAt({ plane, at }: Visit): Workload | { wrong: Answer } {
  const { kind, id = '' } = at;
  if (!UUID.test(id)) return { wrong: refusal(400, 'workloadId must be a UUID') };
  const workload = plane.workloads.find(id);
  if (workload && workload.order.kind === kind) return workload;
  return { wrong: notFound(`workload '${id}' was not found`) };
}

function told({ body }: Answer): { code: number; message: string } {
  const { code, message } = isObject(body) ? body : {};
  return { code: Number(code), message: String(message) };
}
