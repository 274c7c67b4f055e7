import { base64 } from '../bytes';
import { Failure, isFailure } from '../failure';
import type { Sealed } from '../store/database';
import type { BackedUpKey } from './backup';
import type { KeyEntry, KeyIndex, Notes, OpenedKey, Secret } from './key-index';
import type { Open } from './opened';
import type { Order } from './order';
import type { Proof } from './proof';
import { openSecret, type Records, sealIndex, sealSecret } from './records';
import { backedUp, type Compared, chosen, compare, type Mode, type Present, type Refusal } from './restore';

/** A key to be saved. */
export interface KeyToSave extends Notes {
  readonly service: string;
  readonly fields: Record<string, string>;
  readonly secrets: Record<string, string>;
  readonly origins: string[];
}

/** A key whole: what is listed of it, and its secret. */
export interface WholeKey {
  readonly entry: KeyEntry;
  readonly secret: Secret;
}

/** A key as it is put. */
export interface SealedKey {
  readonly entry: KeyEntry;
  readonly sealed: Sealed;
}

/** Seals whole keys for an opened vault. */
export function sealedWhole(opened: Open, keys: readonly WholeKey[]): Promise<SealedKey[]> {
  return Promise.all(
    keys.map(async ({ entry, secret }) => {
      const sealed = await sealSecret(opened, entry.id, secret);
      return { entry: { ...entry, iv: base64(sealed.iv) }, sealed };
    }),
  );
}

/** What the keyring needs of the vault that it hangs in. */
interface Inside {
  readonly records: Records;
  /** Throws `vault-locked`. */
  demand(): Promise<Open>;
  readonly order: Order;
  /** Throws `wrong-passphrase`, `wrong-passkey`, `vault-locked`. */
  prove(proof: Proof): Promise<unknown>;
}

/** The keys in the vault. Everything here throws `vault-locked` unless it is open. */
export class Keyring {
  constructor(private readonly vault: Inside) {}

  /** Every key, without its secret, in the order in which they were added. */
  async list(): Promise<readonly KeyEntry[]> {
    return (await this.index()).keys;
  }

  /** One key, without its secret. Throws `key-missing`. */
  async entry(id: string): Promise<KeyEntry> {
    return find(await this.index(), id);
  }

  /** Saves a new key and gives its id. Throws `storage-full`. */
  add(key: KeyToSave): Promise<string> {
    return this.vault.order.alone(async () => {
      const id = crypto.randomUUID();
      await this.put([await this.sealed(await this.vault.demand(), id, key, Date.now())]);
      return id;
    });
  }

  /**
   * Changes a key's notes and fields, and the secrets that are given anew; the others stay, and with them the
   * origins that they were sealed with.
   */
  change(
    id: string,
    to: Omit<KeyToSave, 'service' | 'secrets'> & { secrets?: KeyToSave['secrets'] },
  ): Promise<void> {
    const anew = to.secrets ?? {};
    return this.vault.order.alone(async () => {
      const { created, service, changed, verified } = await this.entry(id);
      const given = Object.keys(anew).length > 0;
      const secret = { secrets: anew, origins: to.origins };
      const key = {
        ...to,
        service,
        ...(given ? await this.over(id, secret) : over(await this.secret(id), secret)),
      };
      const now = Date.now();
      const times = given
        ? { changed: now, edited: now }
        : { changed, edited: now, ...(verified !== undefined && { verified }) };
      await this.put([await this.sealed(await this.vault.demand(), id, key, created, times)]);
    });
  }

  /**
   * Puts new secrets in the place of the old ones of the same names; the day to be replaced by has been kept with it.
   * Throws `key-missing`.
   */
  replaceSecret(id: string, anew: Secret): Promise<void> {
    return this.vault.order.alone(async () => {
      const { rotateBy: _, verified: __, ...entry } = await this.entry(id);
      const now = Date.now();
      const whole = { entry: { ...entry, changed: now, edited: now }, secret: await this.over(id, anew) };
      await this.put(await sealedWhole(await this.vault.demand(), [whole]));
    });
  }

  /**
   * Changes what is sealed beside a key's own secrets, for the same origins; nothing is written where `change` gives
   * back what it was given. Throws `key-missing`, `key-damaged`, `storage-full`, and what `change` throws.
   */
  changeBeside(id: string, change: (secrets: Secret['secrets']) => Secret['secrets']): Promise<void> {
    return this.vault.order.alone(async () => {
      const entry = await this.entry(id);
      const secret = await this.secret(id);
      const secrets = change(secret.secrets);
      if (secrets === secret.secrets) return;
      const whole = { entry: { ...entry, edited: Date.now() }, secret: { ...secret, secrets } };
      await this.put(await sealedWhole(await this.vault.demand(), [whole]));
    });
  }

  /** Notes that a key's service said that it works, at `at` in ms since the epoch. */
  verified(id: string, at: number): Promise<void> {
    return this.vault.order.alone(async () => {
      const { keys } = await this.index();
      await this.writeIndex(keys.map(key => (key.id === id ? { ...key, verified: at } : key)));
    });
  }

  /** Throws `key-missing`. */
  remove(id: string): Promise<void> {
    return this.vault.order.alone(async () => {
      const index = await this.index();
      find(index, id);
      await this.writeIndex(
        index.keys.filter(key => key.id !== id),
        new Map([[id, undefined]]),
      );
    });
  }

  /** Opens one key for one request. Throws `key-missing`, `key-damaged`, `vault-locked`. */
  open(id: string): Promise<OpenedKey> {
    // Beside no change, so that the entry and its secret are of the same moment.
    return this.vault.order.beside(async () => {
      const entry = await this.entry(id);
      const { secrets, origins } = await this.secret(id);
      // It may have been locked while that was read.
      await this.vault.demand();
      return { id, service: entry.service, fields: { ...entry.fields, ...secrets }, origins };
    });
  }

  /** A key's secrets, for the eyes of whoever proves that the vault is theirs. */
  reveal(id: string, proof: Proof): Promise<Record<string, string>> {
    return this.vault.order.alone(async () => {
      await this.vault.prove(proof);
      return (await this.secret(id)).secrets;
    });
  }

  /** Every key, for a backup that the vault's passphrase locks. Throws `wrong-passphrase`. */
  backup(passphrase: string): Promise<{ keys: BackedUpKey[]; damaged: string[] }> {
    return this.vault.order.alone(async () => {
      await this.vault.prove({ by: 'passphrase', passphrase });
      const { keys, damaged } = await this.whole();
      return { keys: keys.map(backedUp), damaged: damaged.map(({ label }) => label) };
    });
  }

  /** Every key with its secret, and those whose secret is damaged. To be called in turn. */
  async whole(): Promise<Present> {
    const keys: WholeKey[] = [];
    const damaged: KeyEntry[] = [];
    for (const entry of await this.list()) {
      try {
        keys.push({ entry, secret: await this.secret(entry.id) });
      } catch (thrown) {
        if (!isFailure(thrown, 'key-damaged')) throw thrown;
        damaged.push(entry);
      }
    }
    return { keys, damaged };
  }

  /** How backed-up keys stand to those that are here. */
  compare(keys: readonly BackedUpKey[], refusal: Refusal): Promise<Compared[]> {
    return this.vault.order.alone(async () => compare(keys, await this.whole(), refusal));
  }

  /** Brings backed-up keys in, all in one transaction. Throws `storage-full`. */
  restore(keys: readonly BackedUpKey[], refusal: Refusal, mode: Mode): Promise<void> {
    return this.vault.order.alone(async () => {
      const present = await this.whole();
      const put = chosen(compare(keys, present, refusal), present, mode);
      const named = new Set(keys.map(({ id }) => id));
      await this.put(
        await sealedWhole(await this.vault.demand(), put),
        mode === 'replace' ? ({ id }) => named.has(id) : undefined,
      );
    });
  }

  private async sealed(
    opened: Open,
    id: string,
    { secrets, origins, ...key }: KeyToSave,
    created: number,
    times: Pick<KeyEntry, 'changed' | 'edited' | 'verified'> = { changed: created, edited: created },
  ): Promise<SealedKey> {
    const sealed = await sealSecret(opened, id, { secrets, origins });
    const { service, label, environment, notes, rotateBy, dailyLimit, fields } = key;
    const noted = {
      label,
      ...(environment && { environment }),
      ...(notes && { notes }),
      ...(rotateBy && { rotateBy }),
      ...(dailyLimit !== undefined && { dailyLimit }),
    };
    return { entry: { id, service, ...noted, fields, created, ...times, iv: base64(sealed.iv) }, sealed };
  }

  /** Puts keys over those with the same id, and others behind them; of the present ones some may go. */
  private async put(
    put: readonly SealedKey[],
    stays: (key: KeyEntry) => boolean = () => true,
  ): Promise<void> {
    const { keys } = await this.index();
    const anew = new Map(put.map(({ entry }) => [entry.id, entry]));
    const gone = keys.filter(key => !stays(key));
    const kept = keys.filter(stays).map(key => anew.get(key.id) ?? key);
    const known = new Set(keys.map(({ id }) => id));
    const added = put.flatMap(({ entry }) => (known.has(entry.id) ? [] : entry));
    const secrets = new Map<string, Sealed | undefined>(gone.map(({ id }) => [id, undefined]));
    for (const { entry, sealed } of put) secrets.set(entry.id, sealed);
    await this.writeIndex([...kept, ...added], secrets);
  }

  /** One transaction: the index, and the secrets that changed with it. */
  private async writeIndex(
    keys: KeyEntry[],
    secrets: ReadonlyMap<string, Sealed | undefined> = new Map(),
  ): Promise<void> {
    const opened = await this.vault.demand();
    const { revision } = await this.index();
    const index: KeyIndex = { version: 2, revision: revision + 1, keys };
    // With the header, so that a vault whose storage was emptied under it is whole again.
    const { stored: header } = opened.header;
    await this.vault.records.write({ header, index: await sealIndex(opened, index), secrets });
    opened.keys = index;
    for (const [id, sealed] of secrets) {
      if (sealed) opened.sealed.set(id, sealed);
      else opened.sealed.delete(id);
    }
  }

  private async index(): Promise<KeyIndex> {
    const opened = await this.vault.demand();
    if (opened.keys) return opened.keys;
    // Once for everyone who asks: a second reading, slower than a change, would bring the old index back.
    opened.reading ??= this.vault.records.index(opened).finally(() => {
      delete opened.reading;
    });
    const read = await opened.reading;
    opened.keys ??= read;
    return opened.keys;
  }

  /** New secrets over a key's old ones. They mend a damaged one. */
  private async over(id: string, anew: Secret): Promise<Secret> {
    try {
      return over(await this.secret(id), anew);
    } catch (thrown) {
      if (isFailure(thrown, 'key-damaged')) return anew;
      throw thrown;
    }
  }

  /** Throws `key-missing`, `key-damaged`. */
  private async secret(id: string): Promise<Secret> {
    const opened = await this.vault.demand();
    const { iv, label } = find(await this.index(), id);
    const cached = opened.sealed.get(id);
    if (cached) return openSecret(opened, id, cached);
    const found = await this.vault.records.secret(opened, id, iv);
    if (found) {
      opened.sealed.set(id, found.sealed);
      return found.secret;
    }
    throw new Failure('key-damaged', `The stored secret of “${label}” is damaged, missing or out of date.`, {
      next: 'Make a new key at the service and save it here, or restore a backup.',
    });
  }
}

/** New secrets over old ones. One that stays goes to no new place, and no longer to one that is given up. */
function over(old: Secret, anew: Secret): Secret {
  const stays = Object.keys(old.secrets).some(name => !Object.hasOwn(anew.secrets, name));
  return {
    secrets: { ...old.secrets, ...anew.secrets },
    origins: stays ? old.origins.filter(origin => anew.origins.includes(origin)) : anew.origins,
  };
}

function find(index: KeyIndex, id: string): KeyEntry {
  const entry = index.keys.find(key => key.id === id);
  if (entry) return entry;
  throw new Failure('key-missing', 'That key is no longer in the vault.', { next: 'Choose another key.' });
}
