import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from './accounts';
import type { Submission } from './engine';
import { documentation, httpStatusOf, invalidKey, shaped } from './failures';
import type { FaultOf } from './faults';
import type { Surroundings } from './socket';
import { streamText } from './sse';
import type { Peer } from './traffic';
import { type Failure, type Item, isObject, type Task } from './wire';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
  readonly around: Surroundings;
}

/** One REST call: an array of tasks in, one object out when all of them are done. */
export async function answerCall(call: Call): Promise<void> {
  const { request, peer, around } = call;
  const body = await bodyOf(request);
  around.traffic.note(peer, 'http', 'in', body);
  const tasks = parsed(request, body);
  if ('code' in tasks) return refuse(call, tasks);
  const [first] = tasks;
  const lead = first && first.taskType === 'authentication' ? first : undefined;
  const work = lead ? tasks.slice(1) : tasks;
  const subject = work[0] ?? first ?? {};
  const cut = around.faults.breakAt('arrival', subject);
  if (cut) return severed(call, cut);
  const down = around.faults.take('http', subject, ({ accept }) => accept !== true);
  if (down)
    return say(
      call,
      down.status,
      down.body ?? { errors: [{ code: 'serviceUnavailable', message: 'Down.' }] },
    );
  const account = around.engine.accounts.find(lead ? lead.apiKey : bearer(request));
  if (!account) return refuse(call, invalidKey(), 401);
  const echo = { taskType: 'authentication', connectionSessionUUID: around.sessions.open(account).id };
  await serve(call, account, work, lead && around.switches.echoAuth ? [echo] : []);
}

async function serve(
  call: Call,
  account: Account,
  tasks: readonly Task[],
  echo: readonly Item[],
): Promise<void> {
  const { request, around } = call;
  const dryRun = request.headers['x-runware-dry-run'] === '1' || /[?&]dryRun=1\b/.test(request.url ?? '');
  const streams = tasks.length === 1 && tasks[0]?.deliveryMethod === 'stream';
  const submissions = tasks.map(task => around.engine.submit(task, { account, dryRun, streams }));
  const subject = tasks[0] ?? {};
  const cut = around.faults.breakAt('accepted', subject);
  if (cut) return severed(call, cut);
  const late = around.faults.take('http', subject, ({ accept }) => accept === true);
  if (late)
    return say(
      call,
      late.status,
      late.body ?? { errors: [{ code: 'providerTimeout', message: 'Too slow.' }] },
    );
  const [only] = submissions;
  if (streams && only?.kind === 'accepted') return streamText(call, only.work);
  const outcomes = await Promise.all(submissions.map(outcomeOf));
  const data = [...echo, ...outcomes.flatMap(({ items }) => items)];
  const failures = outcomes.flatMap(({ failures }) => failures);
  const odd = outcomes.find(({ fault }) => fault?.shape ?? fault?.body);
  const [failure] = failures;
  if (!failure) return say(call, 200, { data });
  const worked = outcomes.some(({ items }) => items.length > 0);
  const status = odd?.fault?.status ?? (worked ? 200 : httpStatusOf(failure));
  if (odd?.fault)
    return say(call, status, odd.fault.body?.(subject) ?? shaped(failure, odd.fault.shape ?? 'errors-array'));
  if (!worked && around.switches.restErrors === 'error') return say(call, status, { error: failure });
  say(call, status, { ...((worked || around.switches.emptyData) && { data }), errors: failures });
}

interface Outcome {
  readonly items: readonly Item[];
  readonly failures: readonly Failure[];
  readonly fault?: FaultOf<'error'> | undefined;
}

async function outcomeOf(submission: Submission): Promise<Outcome> {
  if (submission.kind === 'answered') return { items: submission.items, failures: [] };
  if (submission.kind === 'refused')
    return { items: [], failures: submission.failures, fault: submission.fault };
  const { taskType, taskUUID, delivery, breakdown } = submission.work.order;
  if (delivery === 'async') return { items: [{ taskType, taskUUID }], failures: [] };
  const { items, failure } = await submission.work.finished();
  return { items, failures: failure ? [failure] : [], fault: breakdown?.fault };
}

function parsed(request: IncomingMessage, body: string): readonly Task[] | Failure {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return { code: 'invalidContentType', message: 'Content-Type must be application/json.', documentation };
  }
  try {
    const value: unknown = JSON.parse(body);
    if (Array.isArray(value) && value.length > 0) return value.map(task => (isObject(task) ? task : {}));
  } catch {
    // Told below, as any other body that is not an array of tasks.
  }
  return { code: 'invalidJSON', message: 'The body must be a JSON array of tasks.', documentation };
}

function refuse(call: Call, failure: Failure, status = 400): void {
  const single = call.around.switches.restErrors === 'error';
  say(call, status, single ? { error: failure } : { errors: [failure] });
}

function say({ response, peer, around }: Call, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  around.traffic.note(peer, 'http', 'out', text);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** A dropped call loses its wire; a frozen one is never answered. */
function severed({ request }: Call, fault: FaultOf<'drop'> | FaultOf<'freeze'>): void {
  if (fault.kind === 'drop') request.socket.destroy();
}

const bearer = (request: IncomingMessage): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
