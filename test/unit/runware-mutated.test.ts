import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromBase64 } from '../../src/bytes';
import { service } from '../../src/services/runware/service';
import type { Task, TaskEvent } from '../../src/services/service';
import { Dice } from './dice';
import { keyOf, type Outcome, outcomeOf, taskOf } from './runware-client';
import { FakeServer, pass, stopClock, until } from './runware-fake';
import { attribute, garbled, itemOf, type Mishap, mishap, type Subject } from './runware-frames-mutated';

/** So many frames in all, so many to a session. */
const FRAMES = process.env.RUNKEY_SOAK ? 100_000 : 10_000;
const EACH = 25;

/** A film may take forty minutes, and what was asked last a little more. */
const LONGEST = 42 * 60_000;

interface Open {
  readonly subject: Subject;
  readonly task: Task;
  outcome: Outcome | undefined;
  readonly events: TaskEvent[];
}

const { signal } = new AbortController();
const picture = 'data:image/png;base64,iVBORw0KGgo=';

/** What the frames go wrong about. */
const VICTIMS = [
  ['image', 'imageInference', { count: '3' }],
  ['enhance', 'promptEnhance', { prompt: 'p', count: '2' }],
  ['caption', 'caption', { picture }],
  ['mask', 'imageMasking', { picture }],
  ['models', 'modelSearch', { search: 'flux' }],
  ['video', 'videoInference', { prompt: 'a film', count: '2' }],
] as const;

describe('a conversation in which the frames go wrong', () => {
  beforeEach(() => {
    stopClock();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  async function converse(mishaps: readonly Mishap[]): Promise<void> {
    // What jitter is made of, the same in every run.
    const dice = new Dice(1);
    vi.spyOn(Math, 'random').mockImplementation(() => dice.below(2 ** 32) / 2 ** 32);
    const told = new Map<string, Set<string>>();
    const key = keyOf();
    const begun = Date.now();
    /** Whether the answers are there of those that nothing is said of wrongly. */
    let ready = false;
    let polls = 0;
    let next = 0;
    const again = () => mishaps[next++ % mishaps.length];

    const server = new FakeServer(({ taskType, taskUUID = '' }) => {
      if (taskType !== 'getResponse' && taskType !== 'getTaskDetails') return undefined;
      const one = untouched.find(({ task }) => task.id === taskUUID);
      if (one) {
        const items = ready
          ? itemsOf(one)
          : [{ taskUUID, taskType: one.subject.taskType, status: 'processing' }];
        return taskType === 'getResponse' ? { data: items } : undefined;
      }
      // Nothing, something, the truth, or more that goes wrong.
      polls++;
      const wrong = again();
      if (polls % 4 === 1 && wrong) return said(garbled(wrong, subjects));
      if (polls % 4 === 2) return { errors: [{ code: 'taskNotFound', message: 'None.', taskUUID }] };
      return polls % 4 === 3 ? { data: [{ taskUUID, status: 'processing' }] } : { data: [] };
    });
    const said = (data: unknown) => {
      attribute(data, told);
      return data;
    };

    const open = (operation: string, taskType: string, puts: object): Open => {
      const task = taskOf(operation, { ...puts });
      const made: Open = { subject: { id: task.id, taskType }, task, outcome: undefined, events: [] };
      void outcomeOf(service.run(task, key, signal), event => made.events.push(event)).then(
        outcome => (made.outcome = outcome),
        thrown => crashes.push(thrown),
      );
      return made;
    };
    const crashes: unknown[] = [];
    const victims = VICTIMS.map(([operation, taskType, puts]) => open(operation, taskType, puts));
    const subjects = victims.map(({ subject }) => subject);
    // Two of a kind: what is said of nobody by name is then never taken for one's.
    const untouched = [0, 1].map(() => open('image', 'imageInference', { count: '2' }));
    const itemsOf = ({ subject }: Open) => [itemOf(subject, 0), itemOf(subject, 1)];

    await until(
      () => [...victims, ...untouched].every(({ events }) => events.some(({ type }) => type === 'sending')),
      5_000,
    );
    await pass(20);
    for (const wrong of mishaps) {
      for (let time = 0; time <= wrong.times; time++) server.say(said(garbled(wrong, subjects)));
      if (wrong.drop) server.drop();
      await pass(wrong.wait);
    }
    ready = true;
    for (const one of untouched) server.say({ data: itemsOf(one) });

    const all = [...victims, ...untouched];
    await until(() => crashes.length > 0 || all.every(({ outcome }) => outcome), LONGEST);
    service.lock();
    await pass(50);
    expect(crashes).toEqual([]);
    const stuck = all.filter(({ outcome }) => !outcome).map(({ subject }) => subject.taskType);
    expect(stuck).toEqual([]);
    expect(Date.now() - begun).toBeLessThan(LONGEST + 60_000);
    // Nothing goes on once all is over.
    expect(vi.getTimerCount()).toBe(0);

    for (const { outcome, subject } of untouched) {
      expect(outcome?.failure?.report).toBeUndefined();
      expect(outcome?.items.map(contentOf).sort()).toEqual([0, 1].map(place => `${subject.id}/${place}`));
    }
    for (const { outcome, subject } of victims) {
      for (const item of outcome?.items ?? []) {
        if (item.type === 'refused' || item.type === 'charged') continue;
        expect(
          isOf(item, told.get(subject.id) ?? new Set()),
          `${JSON.stringify(item)} of ${subject.taskType}`,
        ).toBe(true);
      }
    }
  }

  it(
    `crashes nothing, hangs nothing, and harms nobody else: ${FRAMES} frames`,
    async () => {
      let frames = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(mishap, { minLength: EACH, maxLength: EACH }), async mishaps => {
          frames += mishaps.length;
          await converse(mishaps);
        }),
        { numRuns: FRAMES / EACH },
      );
      expect(frames).toBeGreaterThanOrEqual(FRAMES);
    },
    FRAMES * 30,
  );
});

/** What an item says, without how it is wrapped. */
function contentOf(item: TaskEvent): string {
  if (item.type === 'image') return String.fromCharCode(...item.bytes.subarray(8));
  return item.type === 'text' ? item.text : JSON.stringify(item);
}

/** Whether everything in an item is among what its task was told. */
function isOf(item: TaskEvent, told: ReadonlySet<string>): boolean {
  const all = [...told];
  switch (item.type) {
    case 'text':
      return told.has(item.text);
    case 'image':
      return all.some(text => sameAs(item.bytes, text));
    case 'link':
      return all.some(text => URL.parse(text)?.href === item.url);
    case 'list':
      return item.rows.every(({ id, title }) =>
        [id, title].every(said => all.some(text => text.trim().startsWith(said))),
      );
    default:
      return false;
  }
}

function sameAs(bytes: Uint8Array, text: string): boolean {
  try {
    const other = fromBase64(text.slice(text.indexOf(',') + 1));
    return other.length === bytes.length && other.every((byte, at) => byte === bytes[at]);
  } catch {
    return false;
  }
}
