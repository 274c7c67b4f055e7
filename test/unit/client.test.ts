import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../../src/messages/client';
import { contentAsks, pageAsks } from '../../src/messages/contract';

/** The browser's end of the wire: each test says what it does with a message. */
const wire = vi.hoisted(() => ({ send: (_message: unknown): Promise<unknown> => Promise.resolve() }));
vi.mock('webextension-polyfill', () => ({
  default: { runtime: { sendMessage: (message: unknown) => wire.send(message) } },
}));

const noAnswer = expect.objectContaining({ report: expect.objectContaining({ code: 'no-answer' }) });

describe('every request', () => {
  it.each(Object.entries({ ...pageAsks, ...contentAsks }))('%s has an end to its waiting', (_, { limit }) => {
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThanOrEqual(60_000);
  });
});

describe('asking the background', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends the request as the door takes it, and gives the answer', async () => {
    const sent: unknown[] = [];
    wire.send = async message => {
      sent.push(message);
      return { ok: true, value: { id: 'x' } };
    };
    const body = { service: 'runware', notes: { label: 'Work' }, values: {} };
    expect(await ask('keys.add', body)).toEqual({ id: 'x' });
    expect(sent).toEqual([{ ask: 'keys.add', body }]);
  });

  it('that has no listener ends at once', async () => {
    wire.send = () =>
      Promise.reject(new Error('Could not establish connection. Receiving end does not exist.'));
    await expect(ask('vault.lock', {})).rejects.toEqual(noAnswer);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that dies while answering ends at once', async () => {
    wire.send = () => Promise.resolve(undefined);
    await expect(ask('vault.lock', {})).rejects.toEqual(noAnswer);
  });

  it('does not repeat the browser’s own words', async () => {
    wire.send = () => Promise.reject(new Error('rk-secret-Xw9LrT4mZkBqP7Qd2v'));
    const failure = await ask('vault.lock', {}).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(failure)).not.toContain('rk-secret');
  });

  it.each(Object.entries(pageAsks))(
    'about %s ends after its limit when nobody ever answers',
    async (name, { limit }) => {
      wire.send = () => new Promise(() => {});
      let end: unknown;
      ask(name as 'vault.lock', {}).catch((thrown: unknown) => {
        end = thrown;
      });
      await vi.advanceTimersByTimeAsync(limit - 1);
      expect(end).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      expect(end).toEqual(noAnswer);
    },
  );

  it('throws the failure that the background sent, whole', async () => {
    const failure = { code: 'bad-input', message: 'Prompt is empty.', next: 'Change it.', field: 'prompt' };
    wire.send = async () => ({ ok: false, failure });
    await expect(ask('vault.lock', {})).rejects.toMatchObject({ name: 'Failure', report: failure });
  });

  it('leaves no timer behind when the answer came', async () => {
    wire.send = async () => ({ ok: true, value: undefined });
    await ask('vault.lock', {});
    wire.send = async () => ({ ok: false, failure: { code: 'vault-locked', message: 'Locked.' } });
    await ask('vault.lock', {}).catch(() => {});
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes no notice of an answer that comes too late', async () => {
    let late: (value: unknown) => void = () => {};
    wire.send = () =>
      new Promise(resolve => {
        late = resolve;
      });
    const asked = ask('vault.lock', {}).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(pageAsks['vault.lock'].limit);
    late({ ok: true, value: undefined });
    expect(await asked).toEqual(noAnswer);
  });
});
