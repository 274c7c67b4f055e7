import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { base64, randomBytes } from '../../src/bytes';
import type { CallState } from '../../src/calls/call';
import { joined, parted } from '../../src/calls/inputs';
import { Failure } from '../../src/failure';
import { operationOf } from '../../src/services/abouts';
import type { TaskEvent } from '../../src/services/service';
import {
  background,
  connecting,
  drawn,
  type Events,
  failing,
  formOf,
  gate,
  never,
  said,
  sending,
  stopped,
} from './background';
import { copyOf, everythingKept, idsIn, type Room, reborn, roomWithVault, runwareKey } from './vaults';

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

const bytes = randomBytes(5_000);
const picture = `data:image/png;base64,${base64(bytes)}`;
const uuid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const caption = (of: string) => ({ key, operation: 'caption', values: formOf('caption', { picture: of }) });
const text = () => ({ key, operation: 'text', values: formOf('text', { prompt: 'What is a heron?' }) });

/** Answers with a picture, so that places can be told apart. */
const answering = (answer: Uint8Array<ArrayBuffer>) =>
  async function* (): Events {
    yield sending();
    yield { ...drawn('i', answer), last: true } as TaskEvent;
  };

describe('a picture that a call is given', () => {
  it('reaches its service as it was put in', async () => {
    const { calls, seen, reaches } = background(room);
    for (const given of [picture, 'https://example.com/heron.png', uuid]) {
      const { id } = await calls.start(caption(given));
      await reaches(id, 'done');
      expect(seen.run.at(-1)?.values.picture).toBe(given);
    }
  });

  it('is kept as bytes, apart from the request, before what the call answers with', async () => {
    const { calls, script, seen, reaches } = background(room);
    const answer = randomBytes(300);
    script.run = answering(answer);
    const { id } = await calls.start(caption(picture));
    const state = await reaches(id, 'done');
    expect(state).toMatchObject({ items: [{ media: 1 }] });
    expect(await calls.media(id, 0)).toEqual(bytes);
    expect(await calls.media(id, 1)).toEqual(answer);
    const { request } = seen.changes.at(-1) ?? {};
    expect(request?.inputs).toEqual({ picture: { media: 0, type: 'image/png' } });
    expect(request?.values).not.toHaveProperty('picture');
  });

  it('is nowhere to be read on the disk', async () => {
    const { calls, script, reaches } = background(room);
    script.run = answering(randomBytes(9));
    await reaches((await calls.start(caption(picture))).id, 'done');
    const kept = await everythingKept(room);
    const marked = base64(bytes.slice(0, 30));
    expect(kept.texts.filter(text => text.includes(marked.slice(0, 16)))).toEqual([]);
    const begins = (data: Uint8Array) =>
      data.length >= 8 && bytes.slice(0, 8).every((byte, at) => data[at] === byte);
    expect(kept.bytes.filter(begins)).toEqual([]);
  });

  it('that is an address or a stored picture’s id is a value like any other', async () => {
    const { calls, seen, reaches } = background(room);
    await reaches((await calls.start(caption(uuid))).id, 'done');
    expect(seen.changes.at(-1)?.request).toMatchObject({ values: { picture: uuid } });
    expect(seen.changes.at(-1)?.request).not.toHaveProperty('inputs');
    expect(await room.database.count('media')).toBe(0);
  });

  it('is there for the background that carries on after a death', async () => {
    const dead = background(room);
    dead.script.run = async function* () {
      yield { type: 'connecting' };
      await never;
    };
    const { id } = await dead.calls.start(caption(picture));
    const next = background(reborn(room));
    await next.calls.recover();
    await next.reaches(id, 'done');
    expect(next.seen.run).toMatchObject([{ id, values: { picture } }]);
  });

  it('is there for a call that was sent when the background died', async () => {
    const dead = background(room);
    dead.script.run = async function* () {
      yield sending();
      await never;
    };
    const { id } = await dead.calls.start(caption(picture));
    await dead.reaches(id, 'sent');
    const next = background(reborn(room));
    next.script.recover = async function* () {
      yield drawn('i', randomBytes(9));
    };
    await next.calls.recover();
    expect(await next.reaches(id, 'done')).toMatchObject({ items: [{ media: 1 }] });
    expect(next.seen.recover).toMatchObject([{ task: { id, values: { picture } } }]);
  });

  it('that is not written is not sent either', async () => {
    const { calls, seen } = background(room);
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
      throw new DOMException(this.name, 'QuotaExceededError');
    });
    await expect(calls.start(caption(picture))).rejects.toEqual(failing('storage-full'));
    put.mockRestore();
    expect([
      seen.changes,
      (await idsIn(room.database, 'journal')).length,
      await room.database.count('media'),
    ]).toEqual([[], 0, 0]);
  });

  it.each([
    ['no picture', 'a heron'],
    ['a page', 'data:text/html;base64,AAAA'],
    ['an SVG, in which there may be scripts', 'data:image/svg+xml;base64,AAAA'],
    ['an address in the clear', 'http://example.com/x.png'],
    ['a script', 'javascript:alert(1)'],
    ['a file', 'file:///etc/passwd'],
  ])('that is %s is refused at its field', async (_, given) => {
    const { calls } = background(room);
    await expect(calls.start(caption(given))).rejects.toMatchObject({
      report: { code: 'bad-input', field: 'picture' },
    });
  });

  it('is parted from the form and joined to it again without a change', async () => {
    const { fields } = operationOf('runware', 'variation');
    const values = formOf('variation', { picture, prompt: 'data:image/png;base64,AAAA' });
    const { values: plain, inputs, media } = parted(fields, values);
    // What only looks like a picture is text.
    expect(plain).toMatchObject({ prompt: 'data:image/png;base64,AAAA' });
    expect([inputs, media]).toEqual([{ picture: { media: 0, type: 'image/png' } }, [bytes]]);
    const request = { service: 'runware', key, label: '', operation: 'variation', boot: 'b' };
    const medium = async (at: number) => media[at] ?? new Uint8Array();
    expect(await joined({ ...request, values: plain, inputs }, medium)).toEqual(values);
  });
});

describe('a call of an id that whoever asks for it knows', () => {
  const id = '6f1c8b9a-2f0e-4f6e-9d7c-51f3a7c2b9e4';

  it('is one call, however often it is asked for', async () => {
    const { calls, seen, reaches, idle } = background(room);
    const both = await Promise.all([calls.start({ ...text(), id }), calls.start({ ...text(), id })]);
    expect(both).toEqual([{ id }, { id }]);
    await reaches(id, 'done');
    await idle();
    expect(await calls.start({ ...text(), id })).toEqual({ id });
    await idle();
    expect(seen.run).toHaveLength(1);
    expect(await calls.again(id, id)).toEqual({ id });
    expect(seen.run).toHaveLength(1);
  });

  it('is not run twice where the background died before it could say that it has begun it', async () => {
    const first = background(room);
    first.script.run = async function* () {
      yield connecting;
      await never;
    };
    await first.calls.start({ ...text(), id });
    const second = background(reborn(room));
    // Whoever asks again wakes the background, which takes up what is open at the same time.
    await Promise.all([second.calls.recover(), second.calls.start({ ...text(), id })]);
    await second.reaches(id, 'done');
    await second.idle();
    expect(second.seen.run).toHaveLength(1);
  });

  it('may be asked for once more after it was refused', async () => {
    const { calls, reaches } = background(room);
    await expect(calls.start({ ...text(), id, values: {} })).rejects.toMatchObject({
      report: { code: 'bad-input' },
    });
    await calls.start({ ...text(), id });
    await reaches(id, 'done');
  });

  it('says that the vault is locked', async () => {
    const { calls, reaches } = background(room);
    await calls.start({ ...text(), id });
    await reaches(id, 'done');
    await room.vault.lock();
    await expect(calls.start({ ...text(), id })).rejects.toMatchObject({ report: { code: 'vault-locked' } });
  });
});

describe('running again', () => {
  it('makes the same call anew, with an id of its own and all of its pictures', async () => {
    const { calls, script, seen, reaches } = background(room);
    script.run = answering(randomBytes(9));
    const first = await calls.start({ ...caption(picture), site: 'https://a.example' });
    await reaches(first.id, 'done');
    const second = await calls.again(first.id);
    await reaches(second.id, 'done');
    expect(second.id).not.toBe(first.id);
    expect(seen.run[1]).toEqual({ ...seen.run[0], id: second.id });
    expect(await calls.media(second.id, 0)).toEqual(bytes);
    expect((await calls.latest(1))[0]?.request.site).toBe('https://a.example');
    expect((await idsIn(room.database, 'history')).length).toBe(2);
  });

  it('can be done with one that failed, was cancelled, or whose outcome is unknown', async () => {
    const { calls, script, reaches } = background(room);
    for (const [code, phase] of [
      ['safety', 'failed'],
      ['outcome-unknown', 'unknown'],
      ['cancelled', 'cancelled'],
    ] as const) {
      script.run = async function* () {
        yield sending();
        throw new Failure(code, 'No.');
      };
      const { id } = await calls.start(text());
      await reaches(id, phase);
      script.run = async function* () {
        yield sending();
      };
      await reaches((await calls.again(id)).id, 'done');
    }
  });

  it('outlives the background that ran it first', async () => {
    const { calls, reaches } = background(room);
    const { id } = await calls.start(caption(picture));
    await reaches(id, 'done');
    const next = background(reborn(room), 'boot-2');
    const again = await next.calls.again(id);
    await next.reaches(again.id, 'done');
    expect(next.seen.run).toMatchObject([{ values: { picture } }]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['that was deleted', async () => {}, 'call-missing'],
    ['whose key was deleted', () => room.vault.keys.remove(key), 'key-missing'],
    ['while the vault is locked', () => room.vault.lock(), 'vault-locked'],
  ])('of a call %s says so', async (what, before, code) => {
    const { calls, history, reaches, idle } = background(room);
    const { id } = await calls.start(text());
    await reaches(id, 'done');
    await idle();
    if (what === 'that was deleted') await history.delete(id);
    await before();
    await expect(calls.again(id)).rejects.toMatchObject({ report: { code } });
  });
});

describe('asking what became of a call', () => {
  const lost = async function* (): Events {
    yield sending({ session: 's-7' });
    throw new Failure('outcome-unknown', 'Lost.');
  };

  it('whose outcome is unknown asks its service, and never sends', async () => {
    const { calls, script, seen, reaches, idle } = background(room);
    script.run = lost;
    const { id } = await calls.start(text());
    await reaches(id, 'unknown');
    await idle();
    script.recover = async function* () {
      yield said('Found.', 0.25, true);
    };
    await calls.ask(id);
    expect(await reaches(id, 'done')).toMatchObject({ items: [{ text: 'Found.' }], cost: 0.25 });
    await idle();
    expect(seen.run).toHaveLength(1);
    expect(seen.recover).toMatchObject([
      { task: { id }, kept: { trace: { session: 's-7' }, items: [], askOnly: true } },
    ]);
    expect([
      (await idsIn(room.database, 'journal')).length,
      (await idsIn(room.database, 'history')).length,
    ]).toEqual([0, 1]);
  });

  it('that was cancelled once sent gives what it came to', async () => {
    const { calls, script, reaches, idle } = background(room);
    script.run = async function* (_, signal) {
      yield sending();
      yield said('Half.', 0.25);
      await stopped(signal);
    };
    const { id } = await calls.start(text());
    await vi.waitFor(async () => expect(await calls.latest(0)).toMatchObject([{ state: { items: [{}] } }]));
    await calls.cancel(id);
    await reaches(id, 'cancelled');
    await idle();
    script.recover = async function* (_, { items }) {
      expect(items).toEqual(['Half.']);
      yield said('The other half.', 0.25, true);
    };
    await calls.ask(id);
    expect(await reaches(id, 'done')).toMatchObject({ items: [{ text: 'Half.' }, {}], cost: 0.5 });
  });

  it('which nobody can tell leaves it unknown, in the history, once', async () => {
    const { calls, script, seen, reaches, idle } = background(room);
    script.run = lost;
    const { id } = await calls.start(text());
    await reaches(id, 'unknown');
    await idle();
    script.recover = async function* () {
      yield* [];
      throw new Failure('outcome-unknown', 'Still lost.');
    };
    await calls.ask(id);
    await idle();
    expect(seen.changes.at(-1)?.state).toMatchObject({
      phase: 'unknown',
      failure: { message: 'Still lost.' },
    });
    expect(await idsIn(room.database, 'history')).toEqual([id]);
    expect((await room.vault.uses.of(key)).uses).toHaveLength(1);
  });

  it('twice at once asks once', async () => {
    const { calls, script, seen, reaches, idle, spent } = background(room);
    script.run = lost;
    const { id } = await calls.start(text());
    await reaches(id, 'unknown');
    await idle();
    script.recover = async function* () {
      yield said('Found.', 0.25, true);
    };
    const asked = await Promise.allSettled([calls.ask(id), calls.ask(id), calls.ask(id)]);
    await reaches(id, 'done');
    await idle();
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(seen.recover).toHaveLength(1);
    expect(await spent()).toEqual({ [key]: 0.25 });
    expect([
      (await idsIn(room.database, 'journal')).length,
      (await idsIn(room.database, 'history')).length,
    ]).toEqual([0, 1]);
  });

  it('that its background did not live to hear is still asking and no sending', async () => {
    const { calls, script, reaches, idle } = background(room);
    script.run = lost;
    const { id } = await calls.start(text());
    await reaches(id, 'unknown');
    await idle();
    script.recover = async function* () {
      await never;
      yield* [];
    };
    await calls.ask(id);
    const next = background(reborn(room));
    next.script.recover = async function* () {
      yield said('Found.', 0.25, true);
    };
    await next.calls.recover();
    await next.reaches(id, 'done');
    expect(next.seen).toMatchObject({ run: [], recover: [{ kept: { askOnly: true } }] });
  });

  it.each<[string, (made: ReturnType<typeof background>) => Promise<string>]>([
    [
      'is done',
      async ({ calls, reaches }) => {
        const { id } = await calls.start(text());
        await reaches(id, 'done');
        return id;
      },
    ],
    [
      'failed',
      async ({ calls, reaches, script }) => {
        script.run = async function* () {
          yield sending();
          throw new Failure('safety', 'No.');
        };
        const { id } = await calls.start(text());
        await reaches(id, 'failed');
        return id;
      },
    ],
    [
      'was cancelled before it was sent',
      async ({ calls, reaches, script }) => {
        script.run = async function* (_, signal) {
          yield { type: 'connecting' };
          await stopped(signal);
        };
        const { id } = await calls.start(text());
        await calls.cancel(id);
        await reaches(id, 'cancelled');
        return id;
      },
    ],
    [
      'is under way',
      async ({ calls, reaches, script }) => {
        script.run = async function* () {
          yield sending();
          await never;
        };
        const { id } = await calls.start(text());
        await reaches(id, 'sent');
        return id;
      },
    ],
  ])('that %s is refused, and changes nothing', async (_, made) => {
    const one = background(room);
    const id = await made(one);
    await expect(one.calls.ask(id)).rejects.toEqual(failing('bad-request'));
    expect(one.seen.recover).toEqual([]);
    await expect(one.calls.ask(crypto.randomUUID())).rejects.toEqual(failing('call-missing'));
  });
});

describe('what a call says all the time', () => {
  const partial = (words: string): TaskEvent => ({ type: 'partial', text: words });
  const progress = (percent: number): TaskEvent => ({ type: 'progress', percent });

  /** How often each store was written to while this ran. */
  async function writings(work: () => Promise<unknown>): Promise<number> {
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    await work();
    const count = put.mock.contexts.filter(store => (store as IDBObjectStore).name === 'calls').length;
    put.mockRestore();
    return count;
  }

  it('is not written each time, nor told each time', async () => {
    const { calls, script, seen, reaches } = background(room);
    script.run = async function* () {
      yield sending();
      for (let at = 0; at < 500; at++) yield partial('word '.repeat(at));
      for (let at = 0; at <= 100; at++) yield progress(at);
      yield said('Whole.', 0.25, true);
    };
    const count = await writings(async () => reaches((await calls.start(text())).id, 'done'));
    // The first line of a call, that it was sent, one or two of its words; each written twice, for the disk.
    expect(count).toBeLessThan(16);
    expect(seen.changes.length).toBeLessThan(40);
    expect(seen.changes.at(-1)?.state).toMatchObject({ phase: 'done', items: [{ text: 'Whole.' }] });
    expect(seen.changes.at(-1)?.state).not.toHaveProperty('partial');
    expect(seen.changes.at(-1)?.state).not.toHaveProperty('progress');
  });

  it('is told now and then as it grows', async () => {
    const { calls, script, seen, reaches } = background(room);
    script.run = async function* () {
      yield sending();
      for (let at = 1; at <= 5; at++) {
        yield progress(at * 10);
        await new Promise(resolve => setTimeout(resolve, 120));
      }
    };
    await reaches((await calls.start(text())).id, 'done');
    const told = seen.changes.flatMap(({ state }) => ('progress' in state ? [state.progress] : []));
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told).toEqual([...told].sort((a = 0, b = 0) => a - b));
  });

  it.each<[string, unknown, CallState['phase']]>([
    ['is lost for good', new Failure('outcome-unknown', 'Lost.'), 'unknown'],
    ['is ended by its service', new Failure('service-error', 'No.'), 'failed'],
    ['is cancelled', new Failure('cancelled', 'Cancelled.'), 'cancelled'],
  ])('is kept of a text that %s: the words that had come', async (_, thrown, phase) => {
    const { calls, script, reaches, idle } = background(room);
    script.run = async function* () {
      yield sending();
      yield partial('The heron ');
      yield partial('The heron is a ');
      throw thrown;
    };
    const { id } = await calls.start(text());
    expect(await reaches(id, phase)).toMatchObject({ phase, items: [], partial: 'The heron is a ' });
    await idle();
    // And for the next background, from the disk.
    const next = background(reborn(room));
    expect((await next.calls.latest(1))[0]?.state).toMatchObject({ partial: 'The heron is a ' });
    next.script.recover = async function* () {
      yield said('The heron is a bird.', 0.25, true);
    };
    if (phase === 'failed') return;
    await next.calls.ask(id);
    const whole = await next.reaches(id, 'done');
    expect(whole).toMatchObject({ items: [{ text: 'The heron is a bird.' }] });
    expect(whole).not.toHaveProperty('partial');
  });

  it('is kept of a text whose background dies: what had been written by then', async () => {
    const dead = background(room);
    const { opened, open } = gate();
    dead.script.run = async function* () {
      yield sending();
      yield partial('The heron ');
      open();
      await never;
    };
    const { id } = await dead.calls.start(text());
    await opened;
    const next = background(reborn(room));
    await vi.waitFor(async () =>
      expect((await next.calls.latest(0))[0]).toMatchObject({
        id,
        state: { phase: 'sent', partial: 'The heron ' },
      }),
    );
  });
});
