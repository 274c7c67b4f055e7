import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../emulators/runware/index';
import { type Outcome, type Row, type Tried, tries } from '../comparison';
import { done, triedBy } from '../runkey';
import { apiKeyOf, billed, isTaskOf, type Sides, type Wish, wish } from '../sides';

/** How long the emulator takes for a task whose link is lost, ms. */
const TAKES = 400;
/** From how many ms of silence on a link ours asks whether it still lives. */
const SILENT = 6_000;

interface Mishap {
  readonly name: string;
  readonly account: string;
  readonly fault: (when: Wish) => Fault;
  /** The link has been silent for a while when it goes. */
  readonly afterSilence?: true;
}

const mishaps: readonly Mishap[] = [
  {
    name: 'drop in mid-task: result, billed',
    account: 'drop',
    fault: wished => ({ kind: 'drop', at: 'accepted', when: isTaskOf(wished) }),
  },
  {
    name: 'link half-open in mid-task: result, billed',
    account: 'half-open',
    fault: wished => ({ kind: 'freeze', at: 'accepted', when: isTaskOf(wished) }),
  },
  {
    name: 'link half-open before the task: result, billed',
    account: 'idle half-open',
    fault: wished => ({ kind: 'freeze', at: 'arrival', when: isTaskOf(wished) }),
    afterSilence: true,
  },
];

/** A call whose link goes: how long until its result all the same, and how often it is paid for. */
export async function lostLinks(sides: Sides): Promise<Row[]> {
  return Promise.all(
    mishaps.map(async mishap => ({
      name: mishap.name,
      unit: 'ms' as const,
      ...(await both(sides, mishap)),
    })),
  );
}

async function both(sides: Sides, mishap: Mishap): Promise<{ ours: Outcome; theirs: Outcome }> {
  const [ours, theirs] = await Promise.all([ourOutcome(sides, mishap), theirOutcome(sides, mishap)]);
  return { ours, theirs };
}

async function ourOutcome({ runware, ours }: Sides, { account, fault, afterSilence, name }: Mishap) {
  const key = await ours.addKey(apiKeyOf('ours', account));
  done((await ours.images(key, [wish().values]))[0]);
  if (afterSilence) await sleep(SILENT);
  const before = billed(runware, 'ours', account);
  const wished = wish({ about: `Ours, ${name}`, takes: TAKES });
  runware.faults.add(fault(wished));
  const [call] = await ours.images(key, [wished.values]);
  return outcome(triedBy(call), billed(runware, 'ours', account) - before);
}

async function theirOutcome({ runware, theirs }: Sides, { account, fault, afterSilence, name }: Mishap) {
  const rival = await theirs(account);
  await rival.image(wish().request);
  if (afterSilence) await sleep(SILENT);
  const before = billed(runware, 'theirs', account);
  const wished = wish({ about: `Theirs, ${name}`, takes: TAKES });
  runware.faults.add(fault(wished));
  const tried = await rival.image(wished.request);
  await rival.close();
  return outcome(tried, billed(runware, 'theirs', account) - before);
}

/** Billed once is right, whatever became of it. */
function outcome(tried: Tried, times: number): Outcome {
  const { faults, amount, shown } = tries([tried]);
  return {
    faults: faults + Math.abs(times - 1),
    ...(amount !== undefined && { amount }),
    shown: `${shown}, ${times} billed`,
  };
}
