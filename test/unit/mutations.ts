import { isDeepStrictEqual } from 'node:util';
import { Dice } from './dice';
import {
  type Dump,
  everySpot,
  exchanged,
  GONE,
  isBytes,
  isFilledBytes,
  isNumber,
  isSealed,
  isText,
  kindOf,
  nameOf,
  type Path,
  put,
  type Sealed,
  type Spot,
  spots,
  withValue,
} from './dump';

export interface Mutation {
  /** Brings this very mutation back, given the same dump. */
  readonly seed: number;
  readonly kind: string;
  /** What was done and where, for the one who reads of a failure. */
  readonly description: string;
  /** The whole dump with the change in it; what was given is left as it was. */
  readonly records: Dump;
}

/** Dumps that records may be taken from instead, by what they are: `another vault`, `the same vault, earlier`. */
export type Others = Readonly<Record<string, Dump>>;

type Change = Pick<Mutation, 'description' | 'records'>;
/** Gives nothing where the dump holds nothing to do it to. */
type Kind = (dump: Dump, dice: Dice, others: Others) => Change | undefined;

const flipBit: Kind = (dump, dice) => {
  const spot = dice.one(spots(dump, isFilledBytes));
  if (!spot) return;
  const [at, bit] = [dice.below(spot.value.length), dice.below(8)];
  const bytes = spot.value.map((byte, place) => (place === at ? byte ^ (1 << bit) : byte));
  return {
    description: `bit ${bit} of byte ${at} flipped in ${nameOf(spot)}`,
    records: put(dump, spot, bytes),
  };
};

const changeByte: Kind = (dump, dice) => {
  const spot = dice.one(spots(dump, isFilledBytes));
  if (!spot) return;
  const [at, to] = [dice.below(spot.value.length), dice.below(256)];
  const bytes = spot.value.map((byte, place) => (place === at ? to : byte));
  return { description: `byte ${at} made ${to} in ${nameOf(spot)}`, records: put(dump, spot, bytes) };
};

const changeCharacter: Kind = (dump, dice) => {
  const spot = dice.one(spots(dump, isText));
  if (!spot) return;
  const at = dice.below(spot.value.length);
  const other = String.fromCharCode(spot.value.charCodeAt(at) ^ (1 << dice.below(7)));
  const text = spot.value.slice(0, at) + other + spot.value.slice(at + 1);
  const description = `character ${at} made ${JSON.stringify(other)} in ${nameOf(spot)}`;
  return { description, records: put(dump, spot, text) };
};

const changeNumber: Kind = (dump, dice) => {
  const spot = dice.one(spots(dump, isNumber));
  if (!spot) return;
  const { value } = spot;
  const to = dice.one([
    value + 1,
    value - 1,
    -value,
    0,
    value + 0.5,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]);
  return { description: `the number made ${to} in ${nameOf(spot)}`, records: put(dump, spot, to) };
};

const truncate: Kind = (dump, dice) => {
  const spot = dice.one([...spots(dump, isFilledBytes), ...spots(dump, isText)]);
  if (!spot) return;
  const less = 1 + dice.below(spot.value.length);
  const cutEnd = dice.below(2) === 0;
  const kept = cutEnd ? spot.value.slice(0, -less) : spot.value.slice(less);
  const description = `${less} of ${spot.value.length} cut from the ${cutEnd ? 'end' : 'beginning'} of ${nameOf(spot)}`;
  return { description, records: put(dump, spot, kept) };
};

const extend: Kind = (dump, dice) => {
  const spot = dice.one([...spots(dump, isBytes), ...spots(dump, isText)]);
  if (!spot) return;
  const more = dice.bytes(1 + dice.below(32));
  const { value } = spot;
  const longer = isBytes(value) ? new Uint8Array([...value, ...more]) : value + String.fromCharCode(...more);
  return {
    description: `${more.length} added to the end of ${nameOf(spot)}`,
    records: put(dump, spot, longer),
  };
};

const swapRecords: Kind = (dump, dice) => {
  const pair = dice.two(dump.map((record): Spot => ({ record, path: [], value: record.value })));
  return (
    pair && {
      description: `the records ${nameOf(pair[0])} and ${nameOf(pair[1])} exchanged`,
      records: exchanged(dump, pair, [], whole => whole),
    }
  );
};

const swapSealed =
  (what: string, inner: Path, part: (of: Sealed) => unknown): Kind =>
  (dump, dice) => {
    const pair = dice.two(spots(dump, isSealed));
    return (
      pair && {
        description: `the ${what} of ${nameOf(pair[0])} and ${nameOf(pair[1])} exchanged`,
        records: exchanged(dump, pair, inner, part),
      }
    );
  };

const removeRecord: Kind = (dump, dice) => {
  const gone = dice.one(dump);
  return (
    gone && {
      description: `the record ${nameOf({ record: gone, path: [], value: undefined })} removed`,
      records: dump.filter(record => record !== gone),
    }
  );
};

const removeField: Kind = (dump, dice) => {
  const spot = dice.one(everySpot(dump).filter(({ path }) => path.length > 0));
  return spot && { description: `${nameOf(spot)} removed`, records: put(dump, spot, GONE) };
};

const changeType: Kind = (dump, dice) => {
  const spot = dice.one(everySpot(dump));
  if (!spot) return;
  const others = [null, 'text', 7, true, [], {}, new Uint8Array(3)].filter(
    other => kindOf(other) !== kindOf(spot.value),
  );
  const to = dice.one(others);
  return {
    description: `${kindOf(to)} instead of ${kindOf(spot.value)} put in ${nameOf(spot)}`,
    records: put(dump, spot, to),
  };
};

const takeFromElsewhere: Kind = (dump, dice, others) => {
  const from = dice.one(Object.entries(others));
  const record = dice.one(dump);
  if (!from || !record) return;
  const [name, elsewhere] = from;
  const taken = dice.one(elsewhere.filter(({ store }) => store === record.store));
  return (
    taken && {
      description: `${record.store} “${String(taken.key)}” of ${name} put in ${record.store} “${String(record.key)}”`,
      records: withValue(dump, record, taken.value),
    }
  );
};

const kinds: Readonly<Record<string, Kind>> = {
  'flip a bit': flipBit,
  'change a byte': changeByte,
  'change a character': changeCharacter,
  'change a number': changeNumber,
  truncate,
  extend,
  'exchange records': swapRecords,
  'exchange sealed parts': swapSealed('sealed parts', [], whole => whole),
  'exchange ciphertexts': swapSealed('ciphertexts', ['data'], ({ data }) => data),
  'exchange IVs': swapSealed('IVs', ['iv'], ({ iv }) => iv),
  'remove a record': removeRecord,
  'remove a field': removeField,
  'change a type': changeType,
  'take a record from elsewhere': takeFromElsewhere,
};
export const KINDS: readonly string[] = Object.keys(kinds);

const PATIENCE = 1_000;

/**
 * One change to a dump that makes a difference, chosen by the seed. Records are exchanged and replaced within
 * the list given, so of a vault that is kept twice give one copy, or both, according to what is to be tested.
 * A change may take from a record the field that its store keys it by, which the database then will not take.
 * Throws where nothing in the dump can be changed.
 */
export function mutate(dump: Dump, seed: number, others: Others = {}): Mutation {
  const dice = new Dice(seed);
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const [kind, change] = dice.one(Object.entries(kinds)) ?? [];
    const made = change?.(dump, dice, others);
    if (kind && made && !isDeepStrictEqual(made.records, dump)) return { seed, kind, ...made };
  }
  throw new Error('nothing in this dump can be changed');
}

/** `count` mutations, from the seed `from` on, a seed each. */
export function* mutations(
  dump: Dump,
  from: number,
  count: number,
  others: Others = {},
): Generator<Mutation> {
  for (let seed = from; seed < from + count; seed++) yield mutate(dump, seed, others);
}

/** One to `most` mutations in a row, each of what the one before has left. */
export function mutateOften(dump: Dump, seed: number, most: number, others: Others = {}): Mutation {
  const dice = new Dice(seed);
  const steps: Mutation[] = [];
  for (let left = 1 + dice.below(most); left > 0; left--) {
    steps.push(mutate(steps.at(-1)?.records ?? dump, dice.below(2 ** 32), others));
  }
  const told = (name: 'kind' | 'description') => steps.map(step => step[name]).join('; then ');
  return {
    seed,
    kind: told('kind'),
    description: told('description'),
    records: steps.at(-1)?.records ?? dump,
  };
}

/** Every byte, and every character of every text, changed in turn: one bit of it, another one each time. */
export function* everyByteChanged(dump: Dump): Generator<Omit<Mutation, 'seed'>> {
  const kind = 'flip a bit';
  for (const spot of spots(dump, isFilledBytes)) {
    for (const at of spot.value.keys()) {
      const bytes = spot.value.with(at, (spot.value[at] ?? 0) ^ (1 << (at % 8)));
      yield { kind, description: `byte ${at} of ${nameOf(spot)}`, records: put(dump, spot, bytes) };
    }
  }
  for (const spot of spots(dump, isText)) {
    for (let at = 0; at < spot.value.length; at++) {
      const other = String.fromCharCode(spot.value.charCodeAt(at) ^ (1 << (at % 7)));
      const text = spot.value.slice(0, at) + other + spot.value.slice(at + 1);
      yield { kind, description: `character ${at} of ${nameOf(spot)}`, records: put(dump, spot, text) };
    }
  }
}
