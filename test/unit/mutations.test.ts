import { describe, expect, it } from 'vitest';
import { Dice } from './dice';
import type { Dump } from './dump';
import { KINDS, mutate, mutations } from './mutations';

const sealed = (byte: number) => ({
  iv: new Uint8Array(12).fill(byte),
  data: new Uint8Array(40).fill(byte + 100),
});
const dump: Dump = [
  {
    store: 'header',
    key: 'vault',
    value: { text: '{"format":1}', wrapped: sealed(1), checksum: new Uint8Array(32) },
  },
  { store: 'index', key: 'keys', value: sealed(2) },
  { store: 'secrets', key: 'a', value: sealed(3) },
  { store: 'secrets', key: 'b', value: sealed(4) },
  {
    store: 'calls',
    key: 'c',
    value: { id: 'c', at: 1_700_000_000_000, state: sealed(5), request: sealed(6), media: 1 },
  },
];
const others = { 'another vault': dump.map(record => ({ ...record, value: { from: 'elsewhere' } })) };
const all = [...mutations(dump, 0, 3_000, others)];
const ofKind = (kind: string) => all.filter(mutation => mutation.kind === kind);

describe('mutations of what is stored', () => {
  it('come the same again from the same seed, one by one as in a row', () => {
    for (const mutation of all.slice(0, 200)) expect(mutate(dump, mutation.seed, others)).toEqual(mutation);
    expect([...mutations(dump, 5, 2, others)]).toEqual(all.slice(5, 7));
  });

  it('are of every kind', () => {
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(KINDS));
  });

  it('always change something, and leave what they were given as it was', () => {
    const before = structuredClone(dump);
    for (const { records, description } of mutations(dump, 9_000, 1_000, others)) {
      expect(records, description).not.toEqual(before);
    }
    expect(dump).toEqual(before);
  });

  it('leave every record alone but the one or two that they name', () => {
    for (const { records, description } of all) {
      const touched = dump.filter(record => !records.includes(record));
      expect([1, 2], description).toContain(touched.length);
      for (const { store, key } of touched) expect(description).toContain(`${store} “${key}”`);
    }
  });

  it('flip one bit where they say that they flip one', () => {
    const setBits = (bytes: Uint8Array) =>
      [...bytes].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    const bytesOf = (value: unknown): number[] => {
      if (value instanceof Uint8Array) return [...value];
      return typeof value === 'object' && value !== null ? Object.values(value).flatMap(bytesOf) : [];
    };
    const before = bytesOf(dump.map(({ value }) => value));
    for (const { records } of ofKind('flip a bit')) {
      const after = bytesOf(records.map(({ value }) => value));
      expect(setBits(Uint8Array.from(before, (byte, at) => byte ^ (after[at] ?? 0)))).toBe(1);
    }
  });

  it('exchange only the IVs, or only the ciphertexts, where they say so', () => {
    const parts = (records: Dump, name: string) =>
      JSON.stringify(records, (key, value) => (key === name ? 0 : value));
    for (const { records } of ofKind('exchange IVs')) expect(parts(records, 'iv')).toBe(parts(dump, 'iv'));
    for (const { records } of ofKind('exchange ciphertexts')) {
      expect(parts(records, 'data')).toBe(parts(dump, 'data'));
    }
  });

  it('keep a record’s place when its value comes from elsewhere', () => {
    for (const { records, description } of ofKind('take a record from elsewhere')) {
      expect(description).toContain('of another vault put in');
      expect(records.map(({ store, key }) => [store, key])).toEqual(
        dump.map(({ store, key }) => [store, key]),
      );
      expect(records.filter(({ value }) => JSON.stringify(value) === '{"from":"elsewhere"}')).toHaveLength(1);
    }
  });

  it('are other ones for other seeds', () => {
    expect(new Set(all.map(({ description }) => description)).size).toBeGreaterThan(1_000);
  });

  it('are refused for a dump with nothing in it', () => {
    expect(() => mutate([], 1)).toThrow('nothing in this dump can be changed');
  });
});

describe('the dice', () => {
  it('fall on every side, about equally', () => {
    const dice = new Dice(7);
    const rolls = Array.from({ length: 6_000 }, () => dice.below(6));
    for (const side of [0, 1, 2, 3, 4, 5]) {
      expect(Math.abs(rolls.filter(roll => roll === side).length - 1_000)).toBeLessThan(150);
    }
  });

  it('choose two different things, or nothing', () => {
    const dice = new Dice(7);
    const pairs = new Set(Array.from({ length: 200 }, () => String(dice.two(['a', 'b', 'c']))));
    expect([...pairs].sort()).toEqual(['a,b', 'a,c', 'b,c']);
    expect([dice.two(['a']), dice.two([]), dice.one([])]).toEqual([undefined, undefined, undefined]);
  });
});
