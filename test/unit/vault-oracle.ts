import { isDeepStrictEqual } from 'node:util';
import type { FailureCode } from '../../src/failure';
import { isFailure } from '../../src/failure';
import type { KeyEntry, OpenedKey } from '../../src/vault/key-index';
import type { Proof } from '../../src/vault/proof';
import type { Vault } from '../../src/vault/vault';
import { type Dump, valueIn } from './dump';

/** A vault at one moment of its life: its records, who opens it, and what they find. */
export interface Edition {
  readonly name: string;
  /** Two moments of one vault have the same. */
  readonly vault: string;
  /** Greater for the later one. */
  readonly moment: number;
  readonly records: Dump;
  readonly proofs: readonly Proof[];
  readonly list: readonly KeyEntry[];
  readonly opened: ReadonlyMap<string, OpenedKey>;
}

/** What someone with a proof comes to see. */
export interface Sight {
  readonly unlock: 'open' | FailureCode;
  readonly list: readonly KeyEntry[] | FailureCode;
  /** Of each key in the list, in its order. */
  readonly keys: readonly (OpenedKey | FailureCode)[];
}

export const COPIES: Readonly<Record<string, string>> = {
  header: 'header copy',
  index: 'index copy',
  secrets: 'secrets copy',
};

const bothOf = (records: Dump, store: string, key: string): unknown[] => [
  valueIn(records, store, key),
  valueIn(records, COPIES[store] ?? store, key),
];

/** The editions whose record stands unharmed in either place, the first place first. */
function unharmed(records: Dump, editions: readonly Edition[], store: string, key: string): Edition[] {
  const found = bothOf(records, store, key).flatMap(
    value => editions.find(edition => isDeepStrictEqual(valueIn(edition.records, store, key), value)) ?? [],
  );
  return [...new Set(found)];
}

/**
 * What a vault must be, computed from nothing but which records are, byte for byte, those of a known edition;
 * every other record is damage. Where no copy of a record is the present one and one of them is whole, but of
 * an older or foreign edition, nothing that is stored could tell: such a vault is the older or foreign one, and
 * the present passphrase is wrong for it.
 */
export class Oracle {
  constructor(
    private readonly records: Dump,
    private readonly editions: readonly Edition[],
  ) {}

  status(): 'locked' | 'damaged' | 'gone' {
    if (this.headers().length > 0) return 'locked';
    return this.isAnythingLeft() ? 'damaged' : 'gone';
  }

  /** For someone with a proof. Wrong is what no whole header takes, and only if there is one. */
  unlocked(proof: Proof): Sight {
    const headers = this.headers();
    if (headers.length === 0) return refused(this.isAnythingLeft() ? 'vault-damaged' : 'vault-missing');
    const takers = headers.filter(({ proofs }) => proofs.some(known => isDeepStrictEqual(known, proof)));
    if (takers.length === 0) return refused(proof.by === 'passphrase' ? 'wrong-passphrase' : 'wrong-passkey');
    for (const { vault } of takers) {
      const index = this.index(vault);
      if (index) return this.sightOf(index);
    }
    return refused('vault-damaged');
  }

  /** For a background that wakes with the session of an unlocked vault, the device's key being as it was. */
  restored(vault: string): Sight {
    if (!this.headers().some(header => header.vault === vault)) return refused('vault-locked');
    const index = this.index(vault);
    return index ? this.sightOf(index) : { unlock: 'open', list: 'vault-damaged', keys: [] };
  }

  private headers(): Edition[] {
    const whole = unharmed(this.records, this.editions, 'header', 'vault');
    return whole.filter(one => !whole.some(other => other.vault === one.vault && other.moment > one.moment));
  }

  private index(vault: string): Edition | undefined {
    return unharmed(this.records, this.editions, 'index', 'keys')
      .filter(edition => edition.vault === vault)
      .sort((a, b) => b.moment - a.moment)[0];
  }

  private sightOf({ records, list, opened }: Edition): Sight {
    const keys = list.map(({ id }) => {
      const right = valueIn(records, 'secrets', id);
      const kept = bothOf(this.records, 'secrets', id).some(value => isDeepStrictEqual(value, right));
      return (kept && opened.get(id)) || 'key-damaged';
    });
    return { unlock: 'open', list, keys };
  }

  private isAnythingLeft(): boolean {
    return this.records.some(({ store }) => Object.entries(COPIES).flat().includes(store));
  }
}

const refused = (unlock: FailureCode): Sight => ({ unlock, list: 'vault-locked', keys: [] });

/** What comes of something, or the code of its failure. Anything else that is thrown is a crash. */
export async function orCode<T>(work: Promise<T>): Promise<T | FailureCode> {
  try {
    return await work;
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.code;
    throw new Error('It crashed.', { cause: thrown });
  }
}

/** Looks at a vault as it is now. */
export async function look(vault: Vault): Promise<Pick<Sight, 'list' | 'keys'>> {
  const list = await orCode(vault.keys.list());
  const keys: (OpenedKey | FailureCode)[] = [];
  if (typeof list !== 'string') for (const { id } of list) keys.push(await orCode(vault.keys.open(id)));
  return { list, keys };
}

/** Tries a proof on a locked vault. */
export async function tryOn(vault: Vault, proof: Proof): Promise<Sight> {
  const unlock = await orCode(vault.unlock(proof).then(() => 'open' as const));
  return { unlock, ...(await look(vault)) };
}
