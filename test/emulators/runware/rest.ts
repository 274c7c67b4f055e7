import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from './accounts';
import type { Submission } from './engine';
import { documentation, httpStatusOf, invalidKey, shaped } from './failures';
import type { FaultOf } from './faults';
import type { Switches } from './options';
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
  if (body === undefined) return;
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
  if (down) return say(call, faulty(down));
  const account = around.engine.accounts.find(lead ? lead.apiKey : bearer(request));
  if (!account) return refuse(call, invalidKey(), 401);
  const echo = { taskType: 'authentication', connectionSessionUUID: around.sessions.open(account).id };
  await serve(call, account, work, lead && around.switches.echoAuth ? [echo] : []);
}

async function serve(call: Call, account: Account, tasks: readonly Task[], echo: readonly Item[]) {
  const { request, around } = call;
  const dryRun = request.headers['x-runware-dry-run'] === '1' || /[?&]dryRun=1\b/.test(request.url ?? '');
  const streams = tasks.length === 1 && tasks[0]?.deliveryMethod === 'stream';
  const submissions = tasks.map(task => around.engine.submit(task, { account, dryRun, streams }));
  const subject = tasks[0] ?? {};
  const cut = around.faults.breakAt('accepted', subject);
  if (cut) return severed(call, cut);
  const late = around.faults.take('http', subject, ({ accept }) => accept === true);
  if (late) return say(call, faulty(late));
  const [only] = submissions;
  if (streams && only?.kind === 'accepted') return streamText(call, only.work);
  const outcomes = await Promise.all(submissions.map(outcomeOf));
  say(call, replyTo(subject, outcomes, echo, around.switches));
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

function replyTo(
  subject: Task,
  outcomes: readonly Outcome[],
  echo: readonly Item[],
  switches: Switches,
): Reply {
  const items = outcomes.flatMap(outcome => outcome.items);
  const failures = outcomes.flatMap(outcome => outcome.failures);
  const fault = outcomes.find(outcome => outcome.fault)?.fault;
  const [failure] = failures;
  if (!failure) return { status: 200, body: { data: [...echo, ...items] } };
  const worked = items.length > 0;
  const status = fault?.status ?? (worked ? 200 : httpStatusOf(failure));
  if (fault?.body) return { status, body: fault.body(subject) };
  if (fault?.shape) return { status, body: shaped(failure, fault.shape) };
  if (!worked && switches.restErrors === 'error') return { status, body: { error: failure } };
  const data = worked || switches.emptyData ? { data: [...echo, ...items] } : {};
  return { status, body: { ...data, errors: failures } };
}

const faulty = ({ status, body }: FaultOf<'http'>): Reply => ({
  status,
  body: body ?? { errors: [{ code: 'serviceUnavailable', message: `Scripted status ${status}.` }] },
});

interface Outcome {
  readonly items: readonly Item[];
  readonly failures: readonly Failure[];
  readonly fault?: FaultOf<'error'> | undefined;
}

async function outcomeOf(submission: Submission): Promise<Outcome> {
  if (submission.kind === 'answered') return { items: submission.items, failures: [] };
  if (submission.kind === 'refused') {
    return { items: [], failures: submission.failures, fault: submission.fault };
  }
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
  say(call, { status, body: single ? { error: failure } : { errors: [failure] } });
}

function say({ response, peer, around }: Call, { status, body }: Reply): void {
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

/** Nothing when the client left before it had said all. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
