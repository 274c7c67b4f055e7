import './browser-urls';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/failure';
import { check } from '../../src/services/fields';
import { failureOf } from '../../src/services/runware/errors';
import { readFrame } from '../../src/services/runware/frames';
import { background as backgroundOf, gate } from './background';
import {
  copyOf,
  emptyRoom,
  idsIn,
  PASSPHRASE,
  putBoth,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
} from './vaults';

// Each of these was a fault once.

let template: Room;
let room: Room;
let key = '';
beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey());
});
beforeEach(async () => {
  room = await copyOf(template);
});
const soon = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** A background in which one call matters: the last that changed. */
function background() {
  const made = backgroundOf(room);
  const last = () => made.seen.changes.at(-1)?.state;
  const phase = (name: string) => vi.waitFor(() => expect(last()?.phase).toBe(name));
  return { ...made, last, phase };
}
const wish = () => ({ key, operation: 'text', values: { prompt: 'p', model: 'a:b@1', maxTokens: '5' } });

describe('calls', () => {
  it('A call that finishes while recover() reads the journal keeps its result', async () => {
    const { opened, open } = gate();
    const { calls, seen, script, phase, idle } = background();
    script.run = async function* () {
      yield { type: 'sending', trace: {} };
      await opened;
      yield { type: 'text', id: 't', text: 'PAID' };
    };
    script.recover = async function* () {
      yield* [];
      throw new Failure('outcome-unknown', 'Lost.');
    };
    for (let n = 0; n < 4; n++) await calls.start(wish());
    await vi.waitFor(() =>
      expect(seen.changes.filter(({ state }) => state.phase === 'sent')).toHaveLength(4),
    );
    const recovering = calls.recover();
    await soon(1);
    open();
    await recovering;
    await idle();
    await phase('done');
    expect(seen.recover).toEqual([]);
    expect((await calls.latest(9)).map(({ state }) => state.phase)).toEqual(Array(4).fill('done'));
  });

  it('A call that finishes while the list is read is listed once', async () => {
    const { opened, open } = gate();
    const { calls, script, phase } = background();
    script.run = async function* () {
      yield { type: 'sending', trace: {} };
      await opened;
    };
    await calls.start(wish());
    await phase('sent');
    open();
    const listed = await calls.latest(5);
    expect(listed).toHaveLength(1);
  });

  it('A paid result that the full disk does not take leaves the call in the journal', async () => {
    const { calls, script, idle } = background();
    const put = IDBObjectStore.prototype.put;
    let full = false;
    const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      value,
    ) {
      if (full && this.name === 'media') throw new DOMException('no room', 'QuotaExceededError');
      return put.call(this, value);
    });
    script.run = async function* () {
      yield { type: 'sending', trace: {} };
      full = true;
      yield { type: 'image', id: 'i', mime: 'image/png', bytes: new Uint8Array(10), cost: 1 };
    };
    await calls.start(wish());
    await idle();
    spy.mockRestore();
    expect((await idsIn(room.database, 'journal')).length).toBe(1);
  });

  it('A call goes on that says “vault-locked” only after the vault was unlocked again', async () => {
    const { opened, open } = gate();
    const { calls, script, phase } = background();
    script.run = async function* () {
      yield { type: 'sending', trace: {} };
      await opened;
      throw new Failure('vault-locked', 'Locked.');
    };
    script.recover = async function* () {
      yield { type: 'text', id: 't', text: 'Found.' };
    };
    await calls.start(wish());
    await phase('sent');
    await room.vault.lock();
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    await calls.recover();
    open();
    await phase('done');
  });

  it('A call that waits in the journal can be cancelled', async () => {
    const { calls, script, phase, idle } = background();
    script.run = async function* () {
      yield { type: 'sending', trace: {} };
      throw new Failure('vault-locked', 'Locked.');
    };
    const { id } = await calls.start(wish());
    await idle();
    calls.cancel(id);
    await phase('cancelled');
  });

  it('An item that comes twice counts once', async () => {
    const { calls, script, phase, last } = background();
    script.run = async function* () {
      yield { type: 'sending', trace: {} };
      yield { type: 'text', id: 't', text: 'A', cost: 1 };
      yield { type: 'text', id: 't', text: 'A', cost: 1 };
    };
    await calls.start(wish());
    await phase('done');
    expect(last()).toMatchObject({ cost: 1 });
  });
});

describe('vault', () => {
  it('A lock after an unlocking was asked for leaves it locked', async () => {
    await room.vault.lock();
    const unlocking = room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    await room.vault.lock();
    await unlocking.catch(() => {});
    expect(await room.vault.status()).toBe('locked');
  });

  it('A failed unlocking leaves nothing in the session', async () => {
    await room.vault.lock();
    const index = await room.database.get('index', 'keys');
    await putBoth(room, 'index', 'keys', { ...index, iv: new Uint8Array(12) });
    await expect(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE })).rejects.toThrow();
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('A key that is opened while it changes is the old or the new one, not damaged', async () => {
    const faults: unknown[] = [];
    const { origins } = runwareKey();
    let changing = true;
    const opening = (async () => {
      while (changing) await room.vault.keys.open(key).catch(fault => faults.push(fault.code));
    })();
    for (let n = 0; n < 50; n++) {
      await room.vault.keys.change(key, { label: 'W', fields: {}, origins, secrets: { apiKey: `s${n}` } });
    }
    changing = false;
    await opening;
    expect(faults).toEqual([]);
  });

  it('Four letters with accents are no eight characters', async () => {
    const { vault } = await emptyRoom();
    await expect(vault.create('éééé'.normalize('NFD'))).rejects.toMatchObject({
      report: { code: 'bad-passphrase' },
    });
  });
});

describe('frames and errors', () => {
  it.each([
    '{"errors":[{"code":{"toString":null}}]}',
    `{"errors":[{"code":${'['.repeat(20_000)}${']'.repeat(20_000)}}]}`,
  ])('An odd code throws nothing', frame => {
    expect(() => readFrame(frame)).not.toThrow();
  });

  it('A null code is none', () => {
    expect(readFrame('{"errors":[{"code":null,"message":"m"}]}')).toEqual([
      { kind: 'error', error: { text: 'm' } },
    ]);
  });

  it('“error: false” is no error', () => {
    expect(readFrame('{"error":false,"data":[]}')).toEqual([]);
  });

  it('A long message is cut, not lost', () => {
    const [answer] = readFrame(JSON.stringify({ errors: [{ code: 'x', message: 'm'.repeat(2_001) }] }));
    expect(answer).toMatchObject({ error: { text: expect.stringContaining('mmm') } });
  });

  it('The old answer to a bad key is a rejected key', () => {
    const [answer] = readFrame('{"error":true,"errorId":19,"errorMessage":"Invalid API key."}');
    expect(answer?.kind === 'error' && failureOf(answer.error).code).toBe('rejected-key');
  });

  it('A failed authentication within data is an error', () => {
    const error = { code: 'invalidApiKey', message: 'No.' };
    const [answer] = readFrame(
      JSON.stringify({ data: [{ taskType: 'authentication', status: 'error', error }] }),
    );
    expect(answer).toMatchObject({ kind: 'error', error: { code: 'invalidApiKey' } });
  });
});

describe('fields', () => {
  it('An optional long text of spaces only is left out', () => {
    const field = { name: 'a', label: 'A', kind: 'long-text', optional: true, most: 9 } as const;
    expect(check([field], { a: '  ' })).toEqual({ values: {}, faults: {} });
  });
});
