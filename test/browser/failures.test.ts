import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ErrorShape, Task } from '../emulators/runware/index';
import { demoKey } from '../emulators/runware/index';
import { addKey, cancelCall, done, ended, failed, noted, snapshotOf, startCall, textOf } from './drive/calls';
import { alertIn, createVault, OPTIONS, result, type Stage, setStage } from './stage';

const SECOND = 'second-runware-key-0123456789abcdef';
const THIRD = 'third-runware-key-0123456789abcdef';

let stage: Stage;
let popup: Page;
/** The ids of the keys: two that speak over a socket, and one that speaks over HTTP alone. */
let work: string;
let second: string;
let third: string;
let overHttp: string;

beforeAll(async () => {
  stage = await setStage({ runware: { keys: { [demoKey]: {}, [SECOND]: {}, [THIRD]: {} } } });
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, 'plum anchor violin north');
  work = await addKey(options, 'Work', demoKey);
  second = await addKey(options, 'Second', SECOND);
  third = await addKey(options, 'Third', THIRD);
  overHttp = await addKey(options, 'Over HTTP', demoKey, { connection: 'http' });
  popup = await stage.chromium.openPopup();
  // By then it has asked how its key stands.
  await popup.getByText(/Works · balance/).waitFor();
});
afterAll(() => stage.close());

/** How a task may go: pushed over a socket, as the answer to a request, or in pieces. */
const WAYS = ['a socket', 'HTTP', 'a stream'] as const;
type Way = (typeof WAYS)[number];

let calls = 0;
/** Makes a call with a prompt of its own, so that no earlier answer can pass for its own. The popup shows it. */
async function run(way: Way, words = 'Question'): Promise<{ id: string; prompt: string }> {
  const prompt = `${words} ${++calls}!`;
  const key = way === 'a socket' ? work : overHttp;
  const id = await startCall(popup, key, way === 'a stream' ? 'text' : 'enhance', { prompt });
  return { id, prompt };
}

const asks = (words: string) => (task: Task) => JSON.stringify(task).includes(words);
/** How often a prompt was billed, under whatever id. */
const billed = (words: string) => stage.runware.ledger.entries.filter(({ task }) => asks(words)(task)).length;

async function expectAlert(...parts: string[]): Promise<void> {
  for (const part of parts)
    await expect.poll(() => alertIn(popup).innerText(), { timeout: 20_000 }).toContain(part);
}

async function expectAnswer({ id, prompt }: { id: string; prompt: string }, timeout = 20_000) {
  expect(textOf(await done(popup, id, timeout))).toContain(prompt);
  expect(billed(prompt)).toBe(1);
  expect(stage.runware.ledger.count(id)).toBe(1);
}

/** Whatever went wrong, the next call works. */
const theNextWorks = () =>
  afterEach(async () => {
    stage.runware.faults.clear();
    const next = await Promise.all(WAYS.map(way => run(way, 'Next')));
    await Promise.all(next.map(call => expectAnswer(call)));
  });

describe('each failure has a sentence of its own', () => {
  theNextWorks();

  test.each(WAYS)('a key that is rejected, over %s', async way => {
    stage.runware.drop(1000);
    stage.runware.revoke(demoKey);
    const { prompt } = await run(way);
    await expectAlert('Runware rejected the API key.', 'invalidApiKey');
    expect(billed(prompt)).toBe(0);
    stage.runware.restore(demoKey);
  });

  test('a computer without a network', async () => {
    stage.runware.drop(1000);
    await stage.chromium.context.setOffline(true);
    await popup.getByText('This computer is offline.').waitFor();
    await stage.chromium.context.setOffline(false);
    await popup.getByText('This computer is offline.').waitFor({ state: 'detached' });
  });

  describe.each(WAYS)('over %s', way => {
    test('an error that names no task', async () => {
      stage.runware.faults.add({
        kind: 'error',
        shape: 'no-uuid',
        failure: { code: 'insufficientCredits', message: `Top up for ${way}.` },
      });
      await run(way);
      await expectAlert('has not enough credit', `insufficientCredits: Top up for ${way}.`);
    });

    const SHAPES: readonly [ErrorShape, string, string][] = [
      ['errors-object', 'insufficientCredits', 'has not enough credit'],
      ['error-object', 'modelNotFound', 'does not know what was asked for'],
      ['error-array', 'contentPolicyViolation', 'safety filter'],
      ['item', 'providerError', 'The model behind Runware failed.'],
      ['parameters', 'invalidParameter', 'did not accept a value'],
      ['uuid-outside', 'providerTimeout', 'took longer than Runware waits'],
    ];
    test.each(SHAPES)('an error in the shape “%s”', async (shape, code, sentence) => {
      const message = `Words for ${shape} over ${way}.`;
      // One that passes is offered four times.
      stage.runware.faults.add({ kind: 'error', shape, failure: { code, message }, times: 4 });
      const { id } = await run(way);
      await expectAlert(sentence, `${code}: ${message}`);
      expect(stage.runware.ledger.count(id)).toBe(0);
    });

    test('the old shape without a code', async () => {
      stage.runware.faults.add({
        kind: 'error',
        shape: 'legacy',
        failure: { message: `Old words for ${way}.` },
      });
      await run(way);
      await expectAlert(`Old words for ${way}.`);
    });
  });

  test('two errors in one frame, each for its own call', async () => {
    stage.runware.faults.add(
      { kind: 'error', shape: 'paired', failure: { code: 'modelNotFound', message: 'First.' } },
      { kind: 'error', shape: 'paired', failure: { code: 'insufficientCredits', message: 'Second.' } },
    );
    const first = await run('a socket');
    await popup.getByText('Rewording…').waitFor();
    const other = await run('a socket');
    await expectAlert('has not enough credit', 'insufficientCredits: Second.');
    const said = await Promise.all([first, other].map(async ({ id }) => (await failed(popup, id)).state));
    expect(said.map(({ failure }) => failure.service)).toEqual([
      { code: 'modelNotFound', text: 'First.' },
      { code: 'insufficientCredits', text: 'Second.' },
    ]);
  });

  test('an error in the middle of a stream, with what had come before it', async () => {
    stage.runware.faults.add({
      kind: 'error',
      after: 4,
      failure: { code: 'providerError', message: 'It broke off.' },
    });
    await run('a stream');
    await expectAlert('The model behind Runware failed.', 'providerError: It broke off.');
    expect(await result(popup).innerText()).toContain('This is the emulator');
  });
});

describe('a service that takes nothing just now', () => {
  theNextWorks();

  test('is asked again, and the task is billed once', async () => {
    const open = await Promise.all(WAYS.map(way => busyFor(way, 1)));
    await Promise.all(open.map(call => expectAnswer(call)));
    for (const { id } of open) expect(offers(id)).toBe(2);
  });

  test('ends in its sentence when that goes on, a few times asked, and nothing billed', async () => {
    const open = await Promise.all(WAYS.map(way => busyFor(way, Number.POSITIVE_INFINITY)));
    await popup.getByText('The service is busy; asking again in a moment…').waitFor();
    const states = await Promise.all(open.map(async ({ id }) => (await failed(popup, id, 30_000)).state));
    for (const { failure } of states) {
      expect(failure.message).toBe('Runware is taking no more requests just now.');
      expect(failure.next).toContain('Nothing was charged.');
      expect(failure.service).toEqual({ code: 'rateLimitExceeded', text: 'Slow down.' });
    }
    for (const { id, prompt } of open) {
      expect(billed(prompt)).toBe(0);
      expect(offers(id)).toBe(4);
    }
  });

  async function busyFor(way: Way, times: number) {
    const words = `Busy ${times} over ${way}`;
    stage.runware.faults.add({
      kind: 'error',
      when: asks(words),
      times,
      failure: { code: 'rateLimitExceeded', message: 'Slow down.' },
    });
    return run(way, words);
  }
  /** How often a task was sent, whatever was asked about it besides. */
  const offers = (id: string) =>
    stage.runware.traffic.filter(
      ({ direction, text }) =>
        direction === 'in' && text.includes(id) && !/"get(Response|TaskDetails)"/.test(text),
    ).length;
});

describe('a link that breaks in the middle', () => {
  theNextWorks();
  // Long enough to break before the answer is there.
  const taskMs = (task: Task) => (asks('Next')(task) ? 20 : 400);
  beforeAll(() => void Object.assign(stage.runware.switches, { taskMs }));
  afterAll(() => void Object.assign(stage.runware.switches, { taskMs: 60 }));

  test.each([
    ['before the task was taken', { kind: 'drop', at: 'arrival' }],
    ['after it was taken', { kind: 'drop', at: 'accepted' }],
    ['with the code of a server that leaves', { kind: 'drop', at: 'accepted', code: 1001 }],
  ] as const)('a socket, %s: the answer comes, billed once', async (_when, fault) => {
    const { opened } = stage.runware;
    stage.runware.faults.add(fault);
    await expectAnswer(await run('a socket'));
    expect(stage.runware.opened).toBe(opened + 1);
  });

  test.each([
    ['before the task was taken', 'HTTP', { kind: 'drop', at: 'arrival' }],
    ['after it was taken', 'HTTP', { kind: 'drop', at: 'accepted' }],
    ['before the task was taken', 'a stream', { kind: 'drop', at: 'arrival' }],
    ['after it was taken', 'a stream', { kind: 'drop', at: 'accepted' }],
    ['before the first piece', 'a stream', { kind: 'sse-cut', after: 0 }],
    ['after some pieces', 'a stream', { kind: 'sse-cut', after: 5 }],
    ['after the last piece', 'a stream', { kind: 'sse-cut', after: 500 }],
  ] as const)('%s, over %s: the answer comes, billed once', async (_when, way, fault) => {
    stage.runware.faults.add(fault);
    await expectAnswer(await run(way));
  });

  test('a stream of a key that has a socket besides: the answer comes over that', async () => {
    stage.runware.faults.add({ kind: 'sse-cut', after: 5 });
    const prompt = `Question ${++calls}!`;
    await expectAnswer({ id: await startCall(popup, work, 'text', { prompt }), prompt });
  });

  test.each([
    ['HTTP', 500],
    ['HTTP', 502],
    ['HTTP', 504],
    ['HTTP', 520],
    ['a stream', 502],
    ['a stream', 503],
  ] as const)('a gateway that fails once the task was taken, over %s with %i', async (way, status) => {
    stage.runware.faults.add({ kind: 'http', status, accept: true, body: '<html>Bad gateway</html>' });
    await expectAnswer(await run(way));
  });

  test.each(['HTTP', 'a stream'] as const)('something that is no answer at all, over %s', async way => {
    stage.runware.faults.add({ kind: 'http', status: 200, body: '<html>Welcome to this hotel</html>' });
    await expectAnswer(await run(way));
  });

  test('the whole answer in place of a stream', async () => {
    const whole = ({ taskType, taskUUID }: Task) => ({
      data: [{ taskType, taskUUID, text: 'All of it at once.', finishReason: 'stop', cost: 0.25 }],
    });
    stage.runware.faults.add({ kind: 'error', status: 200, body: whole });
    const { state } = await done(popup, (await run('a stream')).id);
    expect(state).toMatchObject({ items: [{ kind: 'text', text: 'All of it at once.' }], cost: 0.25 });
  });

  test.each(WAYS)('%s that stays down says that it asks, and that Cancel does not undo', async way => {
    stage.runware.switches.taskMs = 2_000;
    stage.runware.faults.add({ kind: 'drop', at: 'accepted' });
    const { id } = await run(way);
    await expect.poll(() => stage.runware.ledger.count(id), { interval: 10 }).toBe(1);
    stage.runware.refuse(30_000);
    stage.runware.drop();
    await popup.getByText('The connection dropped. Asking the service for the answer…').waitFor();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByText('may finish and charge it all the same').waitFor();
    expect((await ended(popup, id)).state).toMatchObject({ phase: 'cancelled', sent: true });
    stage.runware.refuse(0);
    stage.runware.switches.taskMs = taskMs;
  });

  test('a request that is never answered can be cancelled', async () => {
    stage.runware.faults.add({ kind: 'freeze', at: 'arrival' }, { kind: 'freeze', at: 'arrival' });
    for (const way of ['HTTP', 'a stream'] as const) {
      const { id } = await run(way);
      await noted(popup, id);
      await cancelCall(popup, id);
      expect((await ended(popup, id, 2_000)).state).toMatchObject({ phase: 'cancelled', sent: true });
    }
  });

  test.runIf(process.env.RUNKEY_SOAK)(
    'a stream that never begins is given up after a minute, and its answer comes, billed once',
    { timeout: 120_000 },
    async () => {
      stage.runware.faults.add({ kind: 'freeze', at: 'accepted' });
      await expectAnswer(await run('a stream'), 90_000);
    },
  );

  test('strange frames harm nobody', async () => {
    stage.runware.faults.add(
      { kind: 'frame', frame: 'malformed' },
      { kind: 'frame', frame: 'binary' },
      { kind: 'frame', frame: 'huge', bytes: 2_000_000 },
    );
    for (let turn = 0; turn < 3; turn++) await expectAnswer(await run('a socket'));
  });

  test.each([
    ['with comments, and other line ends', { keepAlive: 'often', lineEnd: '\r\n' }],
    ['cut anywhere, over several lines', { chunks: 'cut', multiline: true, lineEnd: '\r\n' }],
    ['with thoughts before it', { reasoning: true }],
  ] as const)('a stream %s is read', async (_how, switches) => {
    const before = { ...stage.runware.switches };
    Object.assign(stage.runware.switches, switches);
    await expectAnswer(await run('a stream', 'Größe – 灯'));
    Object.assign(stage.runware.switches, before);
  });
});

describe('nothing that was paid for is thrown away', () => {
  theNextWorks();

  const images = (count: string, key = work) =>
    startCall(popup, key, 'image', { prompt: `Boats ${++calls}!`, count });
  const shown = () => result(popup).getByRole('img').count();

  test.each(['a socket', 'HTTP'] as const)(
    'when one of several images fails over %s: the others are shown, and the failed one is told',
    async way => {
      stage.runware.faults.add({
        kind: 'error',
        after: 2,
        ...(way === 'a socket' && { shape: 'item' }),
        failure: { code: 'providerError', message: `The third failed over ${way}.` },
      });
      await images('3', way === 'a socket' ? work : overHttp);
      await expectAlert('1 of 3 did not come', `The third failed over ${way}.`);
      await expect.poll(shown).toBe(2);
    },
  );

  test.each([
    ['the session is refused', { expiredSession: 'error', bufferMs: 0 }],
    ['sync tasks cannot be polled', { pollSync: false, bufferMs: 0 }],
    ['unknown tasks are errors', { unknownTask: 'error', bufferMs: 0 }],
    ['the session comes back under a new name', { resumeId: 'new', replay: 'twice' }],
  ] as const)('when the link drops between images and %s', async (_what, switches) => {
    const before = { ...stage.runware.switches };
    Object.assign(stage.runware.switches, switches, { gapMs: 300 });
    stage.runware.faults.add({ kind: 'drop', at: 'result', after: 1 });
    const id = await images('3');
    expect((await done(popup, id, 30_000)).state.items).toHaveLength(3);
    await expect.poll(shown).toBe(3);
    expect(stage.runware.ledger.count(id)).toBe(1);
    Object.assign(stage.runware.switches, before);
  });

  test.each([
    ['streams cannot be polled', { pollSync: false }],
    ['the archive tells it as a list', { pollSync: false, taskDetails: 'array' }],
    ['unknown tasks are errors', { unknownTask: 'error' }],
  ] as const)('when a stream is cut and %s', async (_what, switches) => {
    const before = { ...stage.runware.switches };
    Object.assign(stage.runware.switches, switches);
    stage.runware.faults.add({ kind: 'sse-cut', after: 5 });
    await expectAnswer(await run('a stream'));
    Object.assign(stage.runware.switches, before);
  });
});

describe('one call does not harm another', () => {
  theNextWorks();

  test('a session that the server has forgotten is not asked for for ever', async () => {
    Object.assign(stage.runware.switches, { expiredSession: 'error', bufferMs: 0 });
    stage.runware.drop(1000);
    await expectAnswer(await run('a socket'));
    Object.assign(stage.runware.switches, { expiredSession: 'new', bufferMs: 120_000 });
  });

  test('a nameless error of a call that was cancelled is not the next one’s', async () => {
    stage.runware.switches.taskMs = 1_500;
    stage.runware.faults.add({
      kind: 'error',
      after: 0,
      shape: 'no-uuid',
      failure: { message: 'Of the first.' },
    });
    const { id } = await run('a socket');
    await noted(popup, id);
    await cancelCall(popup, id);
    await popup.getByText('may finish and charge it all the same').waitFor();
    await expectAnswer(await run('a socket'));
    stage.runware.switches.taskMs = 60;
  });

  test('two presses of Run are one call', async () => {
    stage.runware.switches.taskMs = 500;
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    await popup.getByLabel('Prompt').fill('Once and once only');
    await popup.getByRole('button', { name: 'Run' }).dblclick();
    await expect
      .poll(() => result(popup).locator('.answer').innerText(), { timeout: 20_000 })
      .toContain('Once and once only');
    await result(popup)
      .getByText(/ · \d+\.\d s · /)
      .waitFor();
    expect(billed('Once and once only')).toBe(1);
    stage.runware.switches.taskMs = 60;
  });
});

// They wait for the same half minute.
describe('what takes its time', { timeout: 60_000 }, () => {
  let halfOpen: { id: string; prompt: string };
  let slow: { id: string; prompt: string };
  let unreachable: string;
  let waiting: { id: string; prompt: string }[];

  beforeAll(async () => {
    stage.runware.switches.taskMs = task => (asks('Slow')(task) ? 18_000 : 60);
    stage.runware.faults.add({ kind: 'freeze', at: 'accepted', when: asks('Half-open') });
    halfOpen = {
      prompt: 'Half-open',
      id: await startCall(popup, second, 'enhance', { prompt: 'Half-open' }),
    };
    slow = await run('a socket', 'Slow');
    for (const { id } of [halfOpen, slow])
      await vi.waitFor(() => expect(stage.runware.ledger.count(id)).toBe(1));
    // Whoever is connected stays so.
    stage.runware.refuse(21_000);
    waiting = await Promise.all([run('HTTP', 'Waiting'), run('a stream', 'Waiting')]);
    unreachable = await startCall(popup, third, 'enhance', { prompt: 'Nobody there' });
  });

  const show = (words: string) =>
    popup
      .getByRole('region', { name: 'Recent' })
      .getByRole('listitem')
      .filter({ hasText: words })
      .getByRole('button', { name: 'Show' })
      .click();

  test('a request that gets nowhere says that it asks', async () => {
    for (const { id } of waiting) await noted(popup, id, 'reconnecting');
    for (const { prompt } of waiting) expect(billed(prompt)).toBe(0);
  });

  test('a slow service is called slow, and its answer still comes', async () => {
    await show(slow.prompt);
    await popup.getByText('The service is slow').waitFor({ timeout: 20_000 });
    await expect
      .poll(() => result(popup).locator('.answer').innerText(), { timeout: 20_000 })
      .toContain(slow.prompt);
    await expectAnswer(slow);
  });

  test('a service that cannot be reached: for a while it is tried, then that is said', async () => {
    const { state, at } = await failed(popup, unreachable, 30_000);
    expect(state.failure.code).toBe('unreachable');
    expect(Date.now() - at).toBeGreaterThan(15_000);
    await show('Nobody there');
    await expectAlert('ws-api.runware.ai could not be reached.', 'Check the connection');
    expect(billed('Nobody there')).toBe(0);
  });

  test('a half-open link is noticed, and the answer comes over another', async () => {
    await expectAnswer(halfOpen, 40_000);
  });

  test('a request that got nowhere is made once there is a way again, and billed once', async () => {
    for (const call of waiting) await expectAnswer(call, 40_000);
    expect((await snapshotOf(popup)).calls.filter(({ state }) => state.phase === 'sent')).toEqual([]);
  });
});
