import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallRequest, CallState } from '../../src/calls/call';
import { Journal } from '../../src/calls/journal';
import type { Proof } from '../../src/vault/proof';
import type { Use } from '../../src/vault/uses';
import { Vault } from '../../src/vault/vault';
import { type Dump, dumpOf, fill, valueIn, withValue } from './dump';
import { everyByteChanged, type Mutation, mutate, mutateOften, type Others } from './mutations';
import { COPIES, type Edition, look, Oracle, orCode, type Sight, tryOn } from './vault-oracle';
import { emptyRoom, MemoryArea, type Room, runwareKey } from './vaults';

/**
 * The vault under damage. A seed says what is damaged and where; the bytes that stand there are each run's own,
 * for the keys are random. So in rare cases, where a change would not have changed anything, a seed does
 * something else the next time. A failure says what was done.
 */
const SOAK = process.env.RUNKEY_SOAK === '1';
const SEED = Number(process.env.SOAK ?? (SOAK ? Date.now() % 1_000_000_000 : 1));
/** Of random damage, in all. */
const ROUNDS = SOAK ? 10_000 : 1_000;
const PATIENCE = 6 * 60 * 60_000;

/** Argon2id takes a quarter of a second: what it once gave for the same input it gives again. */
const argon2id = vi.hoisted(() => ({ given: new Map<string, Uint8Array>(), remembers: true }));
vi.mock('argon2id/lib/setup.js', async importOriginal => {
  const { default: setup } = await importOriginal<typeof import('argon2id/lib/setup.js')>();
  let kept: ReturnType<typeof setup> | undefined;
  const remembering: typeof setup = async (...how) => {
    if (!argon2id.remembers) return setup(...how);
    kept ??= setup(...how);
    const compute = await kept;
    return input => {
      const name = JSON.stringify(input);
      const tag = argon2id.given.get(name) ?? compute(input);
      argon2id.given.set(name, tag);
      return tag;
    };
  };
  return { default: remembering };
});

const passphrase = (text: string): Proof => ({ by: 'passphrase', passphrase: text });
const passkey = (id: string, byte: number): Proof => ({
  by: 'passkey',
  id: btoa(id),
  secret: btoa(String.fromCharCode(byte).repeat(32)),
});

const OLD = passphrase('five-old-herons-hum-ballads');
const NOW = passphrase('seven-green-turtles-read-atlases');
const WRONG = passphrase('seven-green-turtles-read-atlasse');
const KEY_A = passkey('credential-a', 1);
const KEY_B = passkey('credential-b', 2);
const WRONG_KEY = passkey('credential-b', 3);

let room: Room;
/** The present one first. */
let editions: readonly Edition[] = [];
let present: Edition;
/** All that the database held at that moment, both copies. */
let whole: Dump = [];
let others: Others = {};
/** The session of a browser in which the present vault is unlocked. */
let unlocked: ReadonlyMap<string, unknown> = new Map();
/** Every call and use that there ever was, as it was at each moment. */
const known: object[] = [];

const textOf = (proof: Proof) => (proof.by === 'passphrase' ? proof.passphrase : '');
const isOfVault = ({ store }: { store: string }) => Object.entries(COPIES).flat().includes(store);
const isFirst = ({ store }: { store: string }) => Object.hasOwn(COPIES, store);

async function addPasskey(vault: Vault, by: Proof, proof: Proof): Promise<void> {
  if (proof.by !== 'passkey') throw new Error('not a passkey');
  const salt = btoa('s'.repeat(32));
  await vault.addPasskey(by, { id: proof.id, label: 'Phone', salt, created: 1 }, proof.secret);
}

/** Secrets in the order of the list and the rest by its time, so that a seed means the same in every run. */
function inOrder(dump: Dump, ids: readonly string[]): Dump {
  const place = ({ key, value }: Dump[number]): number => {
    const at = ids.indexOf(String(key));
    if (at >= 0) return at;
    return typeof value === 'object' && value && 'at' in value ? Number(value.at) : 0;
  };
  const stores = [...new Set(dump.map(({ store }) => store))];
  return stores.flatMap(name =>
    dump.filter(({ store }) => store === name).sort((a, b) => place(a) - place(b)),
  );
}

async function editionOf(
  { database, vault }: Room,
  name: string,
  moment: number,
  proofs: Proof[],
): Promise<{ edition: Edition; all: Dump }> {
  const list = await vault.keys.list();
  const opened = new Map<string, Awaited<ReturnType<typeof vault.keys.open>>>();
  for (const { id } of list) opened.set(id, await vault.keys.open(id));
  for (const { id } of list) known.push(...(await vault.uses.of(id)).uses);
  known.push(...(await new Journal(database, vault).latest(10)));
  const ids = list.map(({ id }) => id);
  const all = inOrder(await dumpOf(database), ids);
  const records = all.filter(isFirst);
  return { edition: { name, vault: await vault.id(), moment, records, proofs, list, opened }, all };
}

const callId = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;

async function putCall(
  { database, vault }: Room,
  number: number,
  key: string,
  state: CallState,
): Promise<void> {
  const journal = new Journal(database, vault);
  const request: CallRequest = {
    ...{ service: 'runware', key, label: 'Work', operation: 'text' },
    ...{ values: { prompt: 'Describe a heron.' }, boot: 'boot-1' },
  };
  const entry = await journal.prepare(callId(number), 1_700_000_000_000 + number, request);
  const moved = await journal.advance(entry, { phase: 'queued' });
  await journal.advance(moved, state, [new Uint8Array(40).fill(number)]);
  if (state.phase !== 'sent') await journal.settle();
}

const use: Use = { task: 'test', outcome: 'works' };
const AT = 1_700_000_001_000;

async function foreign(name: string, by: Proof): Promise<{ edition: Edition; all: Dump }> {
  const other = await emptyRoom();
  await other.vault.create(textOf(by));
  await addPasskey(other.vault, by, passkey('credential-f', 9));
  const work = await other.vault.keys.add(runwareKey('Foreign', 'secret-of-foreign'));
  await other.vault.uses.note(work, AT, use);
  await putCall(other, 9, work, { phase: 'done', tookMs: 5, items: [] });
  return editionOf(other, name, 0, [by, passkey('credential-f', 9)]);
}

beforeAll(async () => {
  room = await emptyRoom();
  const { vault } = room;
  await vault.create(textOf(OLD));
  await addPasskey(vault, OLD, KEY_A);
  const work = await vault.keys.add(runwareKey('Work', 'first-secret-of-work'));
  const home = await vault.keys.add(runwareKey('Home', 'secret-of-home'));
  await vault.uses.note(work, AT, use);
  await putCall(room, 1, work, { phase: 'done', tookMs: 5, items: [], cost: 0.01 });
  await putCall(room, 2, work, { phase: 'sent', trace: { session: 's-1' }, items: [] });
  await vault.autoLock.change({ minutes: 0, withScreen: true });
  const earlier = await editionOf(room, 'the same vault, earlier', 1, [OLD, KEY_A]);

  await vault.changePassphrase(OLD, textOf(NOW));
  await addPasskey(vault, NOW, KEY_B);
  const { origins } = runwareKey();
  await vault.keys.change(work, {
    label: 'Work',
    fields: {},
    origins,
    secrets: { apiKey: 'secret-of-work' },
  });
  await vault.keys.add(runwareKey('New', 'secret-of-new'));
  await vault.uses.note(home, AT + 1, use);
  await putCall(room, 3, home, { phase: 'sent', items: [] });
  const now = await editionOf(room, 'the present vault', 2, [NOW, KEY_A, KEY_B]);

  const strange = await foreign('another vault', passphrase('nine-blue-foxes-paint-fences'));
  const akin = await foreign('another vault with the same passphrase', NOW);
  present = now.edition;
  editions = [present, earlier.edition, strange.edition, akin.edition];
  whole = now.all;
  others = { earlier: earlier.all, strange: strange.all, akin: akin.all };
  unlocked = new Map(room.session.values);
});

/** A background that has just come up over what is stored, with a session that is locked or not. */
function background(session: ReadonlyMap<string, unknown> = new Map()): Vault {
  const area = new MemoryArea();
  for (const [name, value] of session) area.values.set(name, value);
  return new Vault({ database: room.database, session: area, local: room.local });
}

const tally = new Map<string, number>();
const codesOf = ({ unlock, list, keys }: Sight) => {
  const codes = [unlock, list, ...keys].filter(one => typeof one === 'string' && one !== 'open');
  const said = [...new Set(codes)].filter(code => code !== 'vault-locked' || unlock === 'open');
  return said.join(' and ') || 'whole';
};
const count = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1);

/** As `toEqual`, which alone would take as long as all of the rest. */
function expectEqual(found: unknown, right: unknown, what = ''): void {
  if (!isDeepStrictEqual(found, right)) expect(found, what).toEqual(right);
}

/** Sees whether a vault with these records is what it must be, in every way that leads into it. */
async function judge(records: Dump, proofs: readonly Proof[]): Promise<void> {
  const oracle = new Oracle(records, editions);
  await fill(room.database, records);
  const asleep = background();
  const status = oracle.status();
  expect(await asleep.status()).toBe(status === 'gone' ? 'lost' : status);

  // It has been the same since the first unlocking.
  const device = valueIn(records, 'device', 'wrapper');
  const deviceStands = [whole, others.earlier ?? []].some(
    dump => valueIn(dump, 'device', 'wrapper') === device,
  );
  const awake = background(unlocked);
  const sight = deviceStands ? oracle.restored(present.vault) : undefined;
  const isOpen = sight?.unlock === 'open';
  expect(await awake.status()).toBe(isOpen ? 'unlocked' : status === 'gone' ? 'lost' : status);
  expectEqual(await look(awake), { list: sight?.list ?? 'vault-locked', keys: sight?.keys ?? [] });
  if (!isDeepStrictEqual(elsewhere(records), elsewhere(whole))) await judgeCalls(awake, isOpen);

  for (const proof of proofs) {
    const right = oracle.unlocked(proof);
    // The one before may have mended it.
    await fill(room.database, records);
    const vault = background();
    expectEqual(await tryOn(vault, proof), right, `with ${JSON.stringify(proof)}`);
    if (proof === NOW) count(codesOf(right));
  }
}

/** What is kept of calls is kept once: a damaged one may be gone, and must never be another one. */
async function judgeCalls(vault: Vault, isOpen: boolean): Promise<void> {
  const latest = await orCode(vault.uses.latest());
  expect(typeof latest).toBe('object');
  for (const id of present.list.map(key => key.id)) {
    const uses = await orCode(vault.uses.of(id));
    if (!isOpen) expect(uses).toBe('vault-locked');
    else if (typeof uses !== 'string') expectKnown(uses.uses);
  }
  const calls = await orCode(new Journal(room.database, vault).latest(10));
  if (typeof calls !== 'string') expectKnown(calls);
}

function expectKnown(found: readonly object[]): void {
  for (const one of found) {
    // When it was is no part of what is sealed.
    const isKnown = known.some(before => isDeepStrictEqual({ ...before, at: 0 }, { ...one, at: 0 }));
    expect(isKnown, `${JSON.stringify(one)} is of before the damage`).toBe(true);
  }
}

async function told(done: Pick<Mutation, 'description'>, seed: number | undefined, work: Promise<void>) {
  try {
    await work;
  } catch (cause) {
    const where = seed === undefined ? '' : ` (SOAK=${SEED}, its seed ${seed})`;
    const why = cause instanceof Error ? `${cause.message} ${cause.cause ?? ''}` : '';
    throw new Error(`After this: ${done.description}${where}. ${why}`, { cause });
  }
}

const elsewhere = (dump: Dump): Dump => dump.filter(record => !isOfVault(record));
const firsts = () => whole.filter(isFirst);
/** A change of the first copies, made in the first copies only. */
const inFirst = (changed: Dump): Dump => [...changed, ...whole.filter(record => !isFirst(record))];
/** The same change made in both. */
const inBoth = (changed: Dump): Dump => [
  ...changed,
  ...changed.map(record => ({ ...record, store: COPIES[record.store] ?? record.store })),
  ...elsewhere(whole),
];

/** The right proof opens all of it, and leaves it mended. */
async function expectWhole(): Promise<void> {
  const seen = await tryOn(background(), NOW);
  expectEqual(seen, { unlock: 'open', list: present.list, keys: [...present.opened.values()] });
  const after = await dumpOf(room.database, ['header', 'index', 'secrets']);
  for (const { store, key, value } of firsts()) {
    expectEqual(valueIn(after, store, key), value, `${store} “${String(key)}”`);
  }
}

describe('a vault with one byte changed', () => {
  it('in a first copy opens whole, and is mended', { timeout: PATIENCE }, async () => {
    await fill(room.database, whole);
    for (const change of everyByteChanged(firsts())) {
      const judged = async () => {
        await fill(room.database, inFirst(change.records), whole);
        await expectWhole();
        count('first copy: whole');
      };
      await told(change, undefined, judged());
    }
  });

  it('in both copies says so, and never more than is so', { timeout: PATIENCE }, async () => {
    await fill(room.database, whole);
    let number = 0;
    for (const change of everyByteChanged(firsts())) {
      // The other proofs come to the same pieces; each kind of piece still meets them many times.
      const proofs = number++ % 8 === 0 ? [NOW, KEY_B, WRONG] : [NOW];
      const judged = async () => {
        const records = inBoth(change.records);
        await fill(room.database, records, whole);
        for (const proof of proofs) {
          const right = new Oracle(records, editions).unlocked(proof);
          expectEqual(await tryOn(background(), proof), right);
          if (proof === NOW) count(`both copies: ${codesOf(right)}`);
        }
        await fill(room.database, whole, records);
      };
      await told(change, undefined, judged());
    }
    await expectWhole();
  });
});

describe('a vault with a record of an earlier moment or of another vault', () => {
  /** Each record in turn as it was at each other moment, none where it was the same. */
  function* taken(): Generator<Pick<Mutation, 'description' | 'records'>> {
    for (const [name, other] of Object.entries(others)) {
      for (const { store, key, value } of other.filter(isFirst)) {
        const own = firsts().find(
          record => record.store === store && (record.key === key || name !== 'earlier'),
        );
        if (!own || isDeepStrictEqual(own.value, value)) continue;
        const description = `${store} “${String(own.key)}” is the one of ${name}`;
        yield { description, records: withValue(firsts(), own, value) };
      }
    }
  }
  const everyProof = [KEY_A, OLD, WRONG_KEY, WRONG, KEY_B, NOW];

  it('in a first copy is not deceived, and is mended', { timeout: PATIENCE }, async () => {
    for (const change of taken()) {
      const records = inFirst(change.records);
      await told(change, undefined, judge(records, everyProof));
      // By whatever proof it is opened first.
      for (const proof of [KEY_A, NOW]) {
        await fill(room.database, records);
        await tryOn(background(), proof);
        await told(change, undefined, expectWhole());
      }
    }
  });

  it('in both copies is that vault, or damaged', { timeout: PATIENCE }, async () => {
    for (const change of taken()) {
      await told(change, undefined, judge(inBoth(change.records), everyProof));
    }
  });
});

describe(`a vault damaged at random, from seed ${SEED} on`, () => {
  const rest = [KEY_B, WRONG, WRONG_KEY, OLD, KEY_A];
  /** The right passphrase, and one of the others in turn. */
  const some = (seed: number) => [NOW, ...rest.filter((_, at) => (seed + at) % rest.length === 0)];
  const seeds = Array.from({ length: ROUNDS }, (_, at) => SEED + at);
  const third = (which: number) => seeds.filter(seed => seed % 3 === which);

  it('in a first copy opens whole, and is mended', { timeout: PATIENCE }, async () => {
    for (const seed of third(0)) {
      const change = mutate(firsts(), seed, others);
      const judged = async () => {
        await judge(inFirst(change.records), some(seed));
        await fill(room.database, inFirst(change.records));
        await expectWhole();
      };
      await told(change, seed, judged());
    }
  });

  it('in both copies alike says so', { timeout: PATIENCE }, async () => {
    for (const seed of third(1)) {
      const change = mutate(firsts(), seed, others);
      await told(change, seed, judge(inBoth(change.records), some(seed)));
    }
  });

  it('anywhere, the device’s key, calls, uses and settings too, says so', { timeout: PATIENCE }, async () => {
    for (const seed of third(2)) {
      const change = mutateOften(whole, seed, 6, others);
      await told(change, seed, judge(change.records, some(seed)));
    }
  });

  it('does the same with Argon2id itself', { timeout: PATIENCE }, async () => {
    argon2id.remembers = false;
    for (const seed of seeds.slice(0, 20)) {
      const change = mutateOften(whole, seed + ROUNDS, 4, others);
      await told(change, seed, judge(change.records, [NOW]));
    }
  });

  it('is not the passphrase’s fault where another vault’s header lies before its own, and no index is whole', async () => {
    const foreignHeader = others.strange?.find(({ store }) => store === 'header');
    const records = whole
      .map(record => (record.store === 'header' && foreignHeader) || record)
      .filter(({ store }) => !store.startsWith('index'));
    await judge(records, [NOW, KEY_B]);
  });

  it('came to every end that there is', () => {
    const ends = ['whole', 'vault-damaged', 'wrong-passphrase', 'key-damaged'];
    for (const end of ends) expect(tally.get(end) ?? 0, end).toBeGreaterThan(0);
  });
});

afterAll(() => {
  if (process.env.SOAK === undefined && !SOAK) return;
  const counts = [...tally].map(([name, times]) => `${times} × ${name}`);
  process.stdout.write(`SOAK=${SEED}: ${counts.join(', ')}\n`);
});
