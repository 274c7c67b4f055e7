import { setTimeout as inReality } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '../../src/failure';
import { service } from '../../src/services/runware/service';
import type { TaskEvent } from '../../src/services/service';
import { demoKey, type RunwareEmulator, type RunwareOptions } from '../emulators/runware';
import { start } from './emulators/runware-line';
import { faster, reach } from './network';
import { keyOf, run, taskOf } from './runware-client';

let runware: RunwareEmulator;
const begin = async (options: Partial<RunwareOptions> = {}) => {
  runware = await start(options);
  reach(runware.port);
};

afterEach(async () => {
  service.lock();
  await runware?.close();
  vi.unstubAllGlobals();
});

/** May have run, cannot be asked after with this key, and says who can change that. */
function expectBarred(failure: Failure | undefined): void {
  expect(failure?.report).toMatchObject({
    code: 'outcome-unknown',
    message: expect.stringMatching(/^Runware rejected the API key\..*had been sent/),
    next: expect.stringMatching(/my\.runware\.ai.*options page.*may have run and been charged/),
    service: { code: 'invalidApiKey' },
  });
  expect(failure?.report.message).not.toContain('connection was lost');
}

describe('a key that is rejected while a lost link is made again', () => {
  const revokeAndDrop = () => {
    runware.revoke(demoKey);
    runware.drop();
  };

  it('leaves unknown what had been sent, and says that it is the key', async () => {
    await begin({ taskMs: 300 });
    const outcome = await faster(() =>
      run(taskOf('image'), keyOf(), ({ type }) => {
        if (type === 'sending') setTimeout(revokeAndDrop, 100);
      }),
    );
    expectBarred(outcome.failure);
    expect(runware.ledger.count()).toBe(1);
  });

  it('is the whole reason for what had not been sent', async () => {
    await begin({ taskMs: 300 });
    // The link goes while the journal is being written.
    const written = async ({ type }: TaskEvent) => {
      if (type !== 'sending') return;
      revokeAndDrop();
      await inReality(100);
    };
    const outcome = await faster(() => run(taskOf('image'), keyOf(), written));
    expect(outcome.types).toEqual(['connecting', 'sending', 'reconnecting']);
    expect(outcome.failure?.report).toMatchObject({
      code: 'rejected-key',
      next: expect.stringContaining('my.runware.ai'),
    });
    expect(runware.ledger.count()).toBe(0);
  });

  it('is told to each call by how far it had come', async () => {
    await begin({ taskMs: 300 });
    const key = keyOf();
    let later: ReturnType<typeof run> | undefined;
    const first = await faster(async () => {
      const outcome = await run(taskOf('image'), key, ({ type }) => {
        if (type !== 'sending') return;
        setTimeout(() => {
          revokeAndDrop();
          // It has been noticed by then.
          setTimeout(() => {
            later = run(taskOf('image', { prompt: 'a bittern' }), key);
          }, 100);
        }, 100);
      });
      await vi.waitUntil(() => later);
      return outcome;
    });
    expectBarred(first.failure);
    expect((await later)?.failure?.code).toBe('rejected-key');
  });
});

describe('a key that is rejected while it asks after a task', () => {
  it.each(['socket', 'http'])(
    'over %s leaves it unknown, says why, and never sends it again',
    async connection => {
      await begin({ taskMs: 60_000 });
      runware.faults.add({ kind: 'drop', at: 'accepted' });
      const outcome = await faster(
        () =>
          run(taskOf('image'), keyOf({ connection }), ({ type }) => {
            // Once the link stands again: then only the questions are refused.
            if (type === 'sending' && runware.ledger.count() > 0) runware.revoke(demoKey);
          }),
        500,
      );
      expectBarred(outcome.failure);
      const sent = runware.traffic.filter(
        ({ direction, text }) => direction === 'in' && text.includes('imageInference'),
      );
      expect([sent.length, runware.ledger.count()]).toEqual([1, 1]);
    },
  );
});

describe('a call that never left', () => {
  it('for lack of a line is not told as one that may have been charged', async () => {
    await begin();
    const outcome = await faster(
      () =>
        run(taskOf('image'), keyOf(), async ({ type }) => {
          if (type !== 'sending') return;
          runware.refuse(24 * 3_600_000);
          runware.drop();
          await inReality(100);
        }),
      4_000,
    );
    expect([outcome.failure?.code, runware.ledger.count()]).toEqual(['unreachable', 0]);
  });
});
