import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { addRunwareKey, alertIn, createVault, OPTIONS, result, type Stage, setStage } from './stage';

let stage: Stage;
let popup: Page;

beforeAll(async () => {
  stage = await setStage();
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, 'plum anchor violin north');
  await addRunwareKey(options, 'Work', demoKey);
  popup = await stage.chromium.openPopup();
  await popup.getByLabel('Task').selectOption({ label: 'Text' });
});
afterAll(() => stage.close());

let calls = 0;
/** Runs a text of its own, so that no earlier answer can pass for its own. */
async function run(): Promise<string> {
  const prompt = `Question ${++calls}`;
  await popup.getByLabel('Prompt').fill(prompt);
  await popup.getByRole('button', { name: 'Run' }).click();
  return prompt;
}

async function expectAlert(...parts: string[]): Promise<void> {
  for (const part of parts)
    await expect.poll(() => alertIn(popup).innerText(), { timeout: 20_000 }).toContain(part);
}

// Whatever went wrong, the next call works.
afterEach(async () => {
  stage.runware.faults.clear();
  const prompt = await run();
  await expect.poll(() => result(popup).innerText(), { timeout: 20_000 }).toContain(prompt);
});

describe('each failure has a sentence of its own', () => {
  test('a rejected key', async () => {
    stage.runware.drop(1000);
    stage.runware.revoke(demoKey);
    await run();
    await expectAlert('Runware rejected the API key.', 'invalidApiKey');
    stage.runware.restore(demoKey);
  });

  test('an unreachable service', async () => {
    stage.runware.drop(1000);
    stage.runware.refuse(2_500);
    await run();
    await expectAlert('ws-api.runware.ai could not be reached.', 'Check the connection');
    await new Promise(resolve => setTimeout(resolve, 2_500));
  });

  test('a computer without a network', async () => {
    stage.runware.drop(1000);
    await stage.chromium.context.setOffline(true);
    await popup.getByText('This computer is offline.').waitFor();
    await stage.chromium.context.setOffline(false);
    await popup.getByText('This computer is offline.').waitFor({ state: 'detached' });
  });

  test('an error that names no task', async () => {
    stage.runware.faults.add({
      kind: 'error',
      shape: 'no-uuid',
      failure: { code: 'insufficientCredits', message: 'Top up.' },
    });
    await run();
    await expectAlert('has not enough credit', 'insufficientCredits: Top up.');
  });

  test.each([
    ['errors-object', 'rateLimitExceeded', 'taking no more requests'],
    ['error-object', 'modelNotFound', 'does not know what was asked for'],
    ['error-array', 'contentPolicyViolation', 'safety filter'],
    ['item', 'providerError', 'the model behind it, failed'],
    ['parameters', 'invalidParameter', 'did not accept a value'],
    ['uuid-outside', 'providerTimeout', 'took longer than Runware waits'],
  ] as const)('an error in the shape “%s”', async (shape, code, sentence) => {
    stage.runware.faults.add({ kind: 'error', shape, failure: { code, message: `Words for ${shape}.` } });
    await run();
    await expectAlert(sentence, `${code}: Words for ${shape}.`);
  });

  test('the old shape without a code', async () => {
    stage.runware.faults.add({ kind: 'error', shape: 'legacy', failure: { message: 'Old words.' } });
    await run();
    await expectAlert('Old words.');
  });

  test('two errors in one frame, each for its own call', async () => {
    stage.runware.faults.add(
      { kind: 'error', shape: 'paired', failure: { code: 'modelNotFound', message: 'First.' } },
      { kind: 'error', shape: 'paired', failure: { code: 'insufficientCredits', message: 'Second.' } },
    );
    await run();
    await popup.getByText('Writing…').waitFor();
    const second = await popup.evaluate(async () => {
      // A second call at the same time, asked for as the popup does.
      const port = chrome.runtime.connect({ name: 'state' });
      const state = await new Promise<{ keys: { id: string }[] }>(resolve =>
        port.onMessage.addListener<{ type: string; keys: { id: string }[] }>(event => {
          if (event.type === 'snapshot') resolve(event);
        }),
      );
      const values = { prompt: 'At once', model: 'google:gemma@4-31b', maxTokens: '100' };
      const body = { key: state.keys[0]?.id, operation: 'text', values };
      const reply: { value: { id: string } } = await chrome.runtime.sendMessage({ ask: 'calls.start', body });
      return reply.value.id;
    });
    await expectAlert('has not enough credit', 'insufficientCredits: Second.');
    const states = await popup.evaluate(async () => {
      const port = chrome.runtime.connect({ name: 'state' });
      const { calls } = await new Promise<{
        calls: { id: string; state: { failure?: { service?: object } } }[];
      }>(resolve =>
        port.onMessage.addListener<{ type: string; calls: [] }>(event => {
          if (event.type === 'snapshot') resolve(event);
        }),
      );
      return calls.slice(0, 2).map(({ id, state }) => ({ id, said: state.failure?.service }));
    });
    expect(states).toEqual([
      { id: second, said: { code: 'insufficientCredits', text: 'Second.' } },
      { id: expect.any(String), said: { code: 'modelNotFound', text: 'First.' } },
    ]);
  });
});

describe('a link that breaks in the middle', () => {
  test.each([
    ['before the task was taken', { kind: 'drop', at: 'arrival' }],
    ['after it was taken', { kind: 'drop', at: 'accepted' }],
    ['with the code of a server that leaves', { kind: 'drop', at: 'accepted', code: 1001 }],
  ] as const)('%s still gives the answer, billed once', async (_when, fault) => {
    const opened = stage.runware.opened;
    stage.runware.ledger.clear();
    stage.runware.switches.taskMs = 1_000;
    stage.runware.faults.add(fault);
    const prompt = await run();
    await expect
      .poll(() => result(popup).locator('.answer').innerText(), { timeout: 20_000 })
      .toContain(prompt);
    expect(stage.runware.ledger.count()).toBe(1);
    expect(stage.runware.opened).toBe(opened + 1);
    stage.runware.switches.taskMs = 60;
  });

  test('and stays down says that it asks, and that Cancel does not undo', async () => {
    stage.runware.switches.taskMs = 2_000;
    await run();
    await popup.getByText('Writing…').waitFor();
    stage.runware.refuse(3_000);
    stage.runware.drop();
    await popup.getByText('The connection dropped. Asking the service for the answer…').waitFor();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByText('may finish and charge it all the same').waitFor();
    stage.runware.switches.taskMs = 60;
    await new Promise(resolve => setTimeout(resolve, 3_000));
  });

  test('strange frames harm nobody', async () => {
    stage.runware.faults.add(
      { kind: 'frame', frame: 'malformed' },
      { kind: 'frame', frame: 'binary' },
      { kind: 'frame', frame: 'huge', bytes: 2_000_000 },
    );
    for (let turn = 0; turn < 3; turn++) {
      const prompt = await run();
      await expect.poll(() => result(popup).innerText(), { timeout: 20_000 }).toContain(prompt);
    }
  });
});

describe('nothing that was paid for is thrown away', () => {
  const images = async (count: string) => {
    await popup.getByLabel('Task').selectOption({ label: 'Image' });
    await popup.getByText('More options').click();
    await popup.getByLabel('Width').fill('128');
    await popup.getByLabel('Height').fill('128');
    await popup.getByLabel('Images').fill(count);
    await run();
  };
  const shown = () => result(popup).getByRole('img').count();
  afterEach(async () => {
    await popup.getByText('More options').click();
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
  });

  test('when one of several images fails: the others are shown, and the failed one is told', async () => {
    stage.runware.faults.add({
      kind: 'error',
      after: 2,
      shape: 'item',
      failure: { code: 'providerError', message: 'The third failed.' },
    });
    await images('3');
    await expectAlert('1 of 3 did not come', 'The third failed.');
    await expect.poll(shown).toBe(2);
  });

  test.each([
    ['the session is refused', { expiredSession: 'error', bufferMs: 0 }],
    ['sync tasks cannot be polled', { pollSync: false, bufferMs: 0 }],
    ['unknown tasks are errors', { unknownTask: 'error', bufferMs: 0 }],
    ['the session comes back under a new name', { resumeId: 'new', replay: 'twice' }],
  ] as const)('when the link drops between images and %s', async (_what, switches) => {
    const before = { ...stage.runware.switches };
    Object.assign(stage.runware.switches, switches, { gapMs: 300 });
    stage.runware.ledger.clear();
    stage.runware.faults.add({ kind: 'drop', at: 'result', after: 1 });
    await images('3');
    await expect.poll(shown, { timeout: 30_000 }).toBe(3);
    expect(stage.runware.ledger.count()).toBe(1);
    Object.assign(stage.runware.switches, before);
  });
});

test('a session that the server has forgotten is not asked for for ever', async () => {
  stage.runware.switches.expiredSession = 'error';
  stage.runware.switches.bufferMs = 0;
  stage.runware.drop(1000);
  const prompt = await run();
  await expect.poll(() => result(popup).innerText(), { timeout: 20_000 }).toContain(prompt);
  stage.runware.switches.expiredSession = 'new';
  stage.runware.switches.bufferMs = 120_000;
});

test('a nameless error of a call that was cancelled is not the next one’s', async () => {
  stage.runware.switches.taskMs = 1_500;
  stage.runware.faults.add({
    kind: 'error',
    after: 0,
    shape: 'no-uuid',
    failure: { message: 'Of the first.' },
  });
  await run();
  await popup.getByText('Writing…').waitFor();
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await popup.getByText('may finish and charge it all the same').waitFor();
  const prompt = await run();
  await expect
    .poll(() => result(popup).locator('.answer').innerText(), { timeout: 20_000 })
    .toContain(prompt);
  stage.runware.switches.taskMs = 60;
});

test('a half-open link is noticed, and the answer comes over another', { timeout: 120_000 }, async () => {
  stage.runware.ledger.clear();
  stage.runware.faults.add({ kind: 'freeze', at: 'accepted' });
  const prompt = await run();
  await expect
    .poll(() => result(popup).locator('.answer').innerText(), { timeout: 60_000 })
    .toContain(prompt);
  expect(stage.runware.ledger.count()).toBe(1);
});

test('two presses of Run are one call', async () => {
  stage.runware.ledger.clear();
  stage.runware.switches.taskMs = 500;
  await popup.getByLabel('Prompt').fill('Once');
  await popup.getByRole('button', { name: 'Run' }).dblclick();
  await expect
    .poll(() => result(popup).locator('.answer').innerText(), { timeout: 20_000 })
    .toContain('Once');
  expect(stage.runware.ledger.count()).toBe(1);
  stage.runware.switches.taskMs = 60;
});

test('a slow service is called slow, and its answer still comes', { timeout: 90_000 }, async () => {
  stage.runware.switches.taskMs = 18_000;
  const prompt = await run();
  await popup.getByText('The service is slow').waitFor({ timeout: 20_000 });
  await expect
    .poll(() => result(popup).locator('.answer').innerText(), { timeout: 20_000 })
    .toContain(prompt);
  stage.runware.switches.taskMs = 60;
});
