import type { Answer } from '../../loopback/wire';
import { demandForm } from '../call';
import { badParam, moderated, noCredits, Refusal } from '../failures';
import { Params } from '../params';
import { accountToRun, isBeyond } from '../selection';
import { planOf } from '../subscribers';
import type { Order, Task } from '../tasks';
import type { Visit } from '../world';
import { type Rule, rules, type Wanted } from './rules';
import { shownTask } from './shown';

/** The create endpoint at this path, if there is one. */
export const createAt = (name: string): Rule | undefined =>
  Object.hasOwn(rules, name) ? rules[name] : undefined;

/** Accepts a task, or refuses it: first for its parameters, then for its account, then as Runway would. */
export function createTask(visit: Visit, endpoint: string, rule: Rule): Answer {
  const { call, subscriber, world } = visit;
  demandForm(call);
  const { switches } = world;
  const params = Params.ofBody(call, switches);
  const common = commonOf(params);
  const wanted = rule(params, switches.imageModel === 'optional');
  const stranger = params.stranger;
  if (switches.unknownFields === 'refused' && stranger) throw badParam(`Param ${stranger} is not supported`);
  for (const assetId of wanted.assetIds) world.assets.find(assetId, subscriber);

  const account = accountToRun(subscriber, { ...common, assetIds: wanted.assetIds }, world);
  const plan = planOf(subscriber, account.email);
  const { explore } = common;
  if (explore && !plan.unlimited) throw new Refusal(412, 'Explore mode needs a Runway Unlimited plan.');
  const credits = explore ? 0 : wanted.credits;
  if (credits > plan.credits - world.ledger.total(account.email)) throw noCredits();
  const offends = wanted.prompt.toLowerCase().includes(switches.moderatedWord);
  if (offends && switches.moderation !== 'task') throw moderated(switches.moderation);

  const throttled = explore || isBeyond(subscriber, account, world);
  const order = orderOf(visit, endpoint, wanted, { ...common, throttled, offends });
  const task = world.tasks.accept(subscriber, account.email, order);
  bill(visit, task, credits);
  return { status: 200, body: answered(visit, task) };
}

function commonOf(params: Params) {
  return {
    email: params.text('email'),
    explore: params.flag('exploreMode'),
    replyUrl: params.text('replyUrl', { most: 1024 }),
    replyRef: params.text('replyRef', { most: 1024 }),
    maxJobs: params.integer('maxJobs', { least: 1, most: 10 }),
  };
}

type Circumstances = ReturnType<typeof commonOf> & { throttled: boolean; offends: boolean };

function orderOf(visit: Visit, endpoint: string, wanted: Wanted, circumstances: Circumstances): Order {
  const { explore, throttled, replyUrl, replyRef } = circumstances;
  const { call, world } = visit;
  const { taskType, prompt, result } = wanted;
  const error = errorOf(visit, circumstances.offends);
  return {
    endpoint,
    taskType,
    form: call.form,
    prompt,
    explore,
    result,
    throttled,
    stalls: world.faults.take('stall', call) !== undefined,
    ...(error !== undefined && { error }),
    ...(replyUrl !== undefined && { replyUrl }),
    ...(replyRef !== undefined && { replyRef }),
  };
}

/** What the task will fail with, if it will. */
function errorOf({ call, world }: Visit, offends: boolean): unknown {
  const fault = world.faults.take('fail', call);
  if (!fault && !offends) return undefined;
  if (fault?.error !== undefined) return fault.error;
  const sentence = offends ? 'The prompt did not pass moderation.' : 'The generation failed.';
  if (world.switches.taskError === 'string') return sentence;
  return offends
    ? {
        errorMessage: sentence,
        reason: 'SAFETY.INPUT.TEXT',
        moderation_category: 'other',
        tally_asimov: true,
      }
    : { errorMessage: sentence, reason: 'INTERNAL' };
}

function bill({ subscriber, world }: Visit, task: Task, credits: number): void {
  const refunded = task.error !== undefined && world.switches.failedTasks === 'refunded';
  world.ledger.enter({
    taskId: task.taskId,
    endpoint: task.endpoint,
    form: task.form,
    token: subscriber.label,
    email: task.email,
    credits,
    at: task.bornAt,
    refundAt: refunded ? task.endsAt : Number.POSITIVE_INFINITY,
  });
}

function answered({ world }: Visit, task: Task): unknown {
  const { replyUrl, replyRef } = task;
  const told = { ...(replyUrl && { replyUrl }), ...(replyRef && { replyRef }) };
  const shown = shownTask(task, world);
  return world.switches.createForm === 'wrapped'
    ? { task: shown, code: 200, ...told }
    : { ...shown, ...told };
}
