import * as v from 'valibot';
import { base64, textOf, utf8 } from '../bytes';
import { Failure } from '../failure';
import { type Database, type Sealed, write } from '../store/database';
import { deriveWrappingKey } from './derive';
import { damaged, fromStored, headerBinding, newHeader, toStored } from './header';
import { type KeyEntry, KeyIndex, type OpenedKey, Secret } from './key-index';
import { callBinding, EXTRACTABLE, indexBinding, type Open, ROOT, secretBinding, subKeys } from './opened';
import { open, seal, unwrap, wrap } from './seal';
import { type SessionArea, Unlocked } from './unlocked';

export type VaultStatus = 'missing' | 'locked' | 'unlocked' | 'damaged';

/** Characters; what the strength meter adds is advice, this is the floor. */
export const SHORTEST_PASSPHRASE = 8;

export interface KeyToSave {
  readonly service: string;
  readonly label: string;
  readonly fields: Record<string, string>;
  readonly secrets: Record<string, string>;
  readonly origins: string[];
}

/**
 * Keys at rest. A random vault key seals everything; the passphrase wraps the vault key.
 * One instance, in the background.
 */
export class Vault {
  private opened: Open | undefined;
  private restored: Promise<void> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  /** How often it was locked: what began opening before a lock does not end up open after it. */
  private locks = 0;
  private readonly unlocked: Unlocked;
  private readonly lockListeners = new Set<() => void>();

  constructor(
    private readonly database: Database,
    session: SessionArea,
  ) {
    this.unlocked = new Unlocked(database, session);
  }

  async status(): Promise<VaultStatus> {
    await this.restore();
    if (this.opened) return 'unlocked';
    const stored = await this.database.get('header', 'vault');
    if (!stored) return 'missing';
    return fromStored(stored).then(
      () => 'locked' as const,
      () => 'damaged' as const,
    );
  }

  /** Makes a vault and leaves it unlocked. Throws `bad-passphrase`, `vault-exists`, `storage-full`. */
  create(passphrase: string): Promise<void> {
    const { locks } = this;
    return this.alone(async () => {
      if ([...passphrase.normalize('NFC')].length < SHORTEST_PASSPHRASE) {
        throw new Failure(
          'bad-passphrase',
          `The passphrase is shorter than ${SHORTEST_PASSPHRASE} characters.`,
          {
            next: 'Choose a longer one: a few unrelated words are strong and easy to remember.',
            field: 'passphrase',
          },
        );
      }
      await this.refuseSecondVault();
      const header = newHeader();
      const wrapping = await deriveWrappingKey(passphrase, header.salt, header.derivation);
      const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, [
        'encrypt',
        'decrypt',
      ]);
      const wrapped = await wrap(wrapping, key, headerBinding(header));
      const opened = await subKeys(header, await unwrap(wrapping, wrapped, headerBinding(header), ROOT));
      const stored = await toStored(header, wrapped);
      const index = await this.sealIndex(opened, { keys: [] });
      await this.unlocked.keep(header.vault, key);
      try {
        await write(this.database, ['header', 'index'], async transaction => {
          await transaction.objectStore('header').add(stored, 'vault');
          await transaction.objectStore('index').put(index, 'keys');
        });
      } catch (thrown) {
        await this.unlocked.forget();
        throw thrown;
      }
      await this.enter(opened, locks);
    });
  }

  /** Throws `vault-missing`, `vault-damaged`, `vault-parameters` or `wrong-passphrase`. */
  unlock(passphrase: string): Promise<void> {
    const { locks } = this;
    return this.alone(async () => {
      const stored = await this.database.get('header', 'vault');
      if (!stored) throw missing();
      const header = await fromStored(stored);
      const wrapping = await deriveWrappingKey(passphrase, header.salt, header.derivation);
      const key = await unwrap(wrapping, stored.wrapped, headerBinding(header), EXTRACTABLE).catch(() => {
        // The checksum held, so the bytes are as written: only the passphrase can be at fault.
        throw new Failure('wrong-passphrase', 'That is not the passphrase of this vault.', {
          next: 'Check Caps Lock and the keyboard layout, and type it again.',
          field: 'passphrase',
        });
      });
      const root = await unwrap(wrapping, stored.wrapped, headerBinding(header), ROOT);
      const opened = await subKeys(header, root);
      await this.readIndex(opened);
      await this.unlocked.keep(header.vault, key);
      await this.enter(opened, locks);
    });
  }

  /** Wipes the vault key and tells everyone who holds something opened. Never fails on a locked vault. */
  async lock(): Promise<void> {
    this.locks++;
    this.opened = undefined;
    this.restored = Promise.resolve();
    for (const listener of this.lockListeners) listener();
    await this.unlocked.forget();
  }

  /** Whether it is open in this very background, this moment. */
  get isOpen(): boolean {
    return this.opened !== undefined;
  }

  onLock(listener: () => void): void {
    this.lockListeners.add(listener);
  }

  /** The vault's id, which is no secret. Throws `vault-locked` unless it is open. */
  async id(): Promise<string> {
    return (await this.demand()).header.vault;
  }

  /** Every key, without its secret, in the order in which they were added. */
  async list(): Promise<KeyEntry[]> {
    return (await this.readIndex(await this.demand())).keys;
  }

  /** One key, without its secret. Throws `vault-locked`, `key-missing`. */
  async entry(id: string): Promise<KeyEntry> {
    return find(await this.readIndex(await this.demand()), id);
  }

  /** Saves a new key and gives its id. Throws `vault-locked`, `storage-full`. */
  add(key: KeyToSave): Promise<string> {
    return this.alone(async () => {
      const id = crypto.randomUUID();
      await this.put(id, Date.now(), key);
      return id;
    });
  }

  /**
   * Changes a key's label and fields, and the secrets that are given anew; the others stay, and with them the
   * origins that they were sealed with.
   */
  change(
    id: string,
    to: Omit<KeyToSave, 'service' | 'secrets'> & { secrets?: KeyToSave['secrets'] },
  ): Promise<void> {
    const anew = to.secrets ?? {};
    return this.alone(async () => {
      const { created, service } = await this.entry(id);
      const old = await this.openSecret(id).catch(thrown => {
        if (Object.keys(anew).length === 0) throw thrown;
        // A new secret mends a damaged one.
        return { secrets: {}, origins: to.origins };
      });
      const stays = Object.keys(old.secrets).some(name => !Object.hasOwn(anew, name));
      const secrets = { ...old.secrets, ...anew };
      await this.put(id, created, { ...to, service, secrets, origins: stays ? old.origins : to.origins });
    });
  }

  remove(id: string): Promise<void> {
    return this.alone(async () => {
      const opened = await this.demand();
      const index = await this.readIndex(opened);
      find(index, id);
      const without = { keys: index.keys.filter(key => key.id !== id) };
      const sealed = await this.sealIndex(opened, without);
      await write(this.database, ['index', 'secrets'], async transaction => {
        await transaction.objectStore('index').put(sealed, 'keys');
        await transaction.objectStore('secrets').delete(id);
      });
      opened.keys = without;
      opened.sealed.delete(id);
    });
  }

  /** Opens one key for one request. Throws `vault-locked`, `key-missing`, `key-damaged`. */
  open(id: string): Promise<OpenedKey> {
    // In turn with the changes, so that the entry and its secret are of the same moment.
    return this.alone(async () => {
      const entry = await this.entry(id);
      const { secrets, origins } = await this.openSecret(id);
      return { id, service: entry.service, fields: { ...entry.fields, ...secrets }, origins };
    });
  }

  /** A random key for one call: live, to seal with although the vault may lock, and wrapped, to keep. */
  async newCallKey(call: string): Promise<{ live: CryptoKey; wrapped: Sealed }> {
    const { calls, header } = await this.demand();
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, [
      'encrypt',
      'decrypt',
    ]);
    const wrapped = await wrap(calls, key, callBinding(header, call));
    return { live: await this.openCallKey(call, wrapped), wrapped };
  }

  /** Throws `vault-locked`, or OperationError when it is not that call's key. */
  async openCallKey(call: string, wrapped: Sealed): Promise<CryptoKey> {
    const { calls, header } = await this.demand();
    const usages: KeyUsage[] = ['encrypt', 'decrypt'];
    return unwrap(calls, wrapped, callBinding(header, call), {
      algorithm: 'AES-GCM',
      extractable: false,
      usages,
    });
  }

  private async put(
    id: string,
    created: number,
    { service, label, fields, secrets, origins }: KeyToSave,
  ): Promise<void> {
    const opened = await this.demand();
    const index = await this.readIndex(opened);
    const secret = await seal(
      opened.secrets,
      utf8(JSON.stringify({ secrets, origins })),
      secretBinding(opened.header, id),
    );
    const entry: KeyEntry = { id, service, label, fields, created, iv: base64(secret.iv) };
    const known = index.keys.some(key => key.id === id);
    const keys = known ? index.keys.map(key => (key.id === id ? entry : key)) : [...index.keys, entry];
    const sealed = await this.sealIndex(opened, { keys });
    await write(this.database, ['index', 'secrets'], async transaction => {
      await transaction.objectStore('index').put(sealed, 'keys');
      await transaction.objectStore('secrets').put(secret, id);
    });
    opened.keys = { keys };
    opened.sealed.set(id, secret);
  }

  private async openSecret(id: string): Promise<Secret> {
    const opened = await this.demand();
    const entry = find(await this.readIndex(opened), id);
    try {
      const sealed = opened.sealed.get(id) ?? (await this.database.get('secrets', id));
      if (!sealed || base64(sealed.iv) !== entry.iv) throw new Error('not the current secret');
      opened.sealed.set(id, sealed);
      return read(Secret, await open(opened.secrets, sealed, secretBinding(opened.header, id)));
    } catch {
      throw new Failure(
        'key-damaged',
        `The stored secret of “${entry.label}” is damaged, missing or out of date.`,
        {
          next: 'Make a new key at the service and save it here, or restore a backup.',
        },
      );
    }
  }

  private sealIndex(opened: Open, index: KeyIndex): Promise<Sealed> {
    return seal(opened.index, utf8(JSON.stringify(index)), indexBinding(opened.header));
  }

  private async readIndex(opened: Open): Promise<KeyIndex> {
    opened.keys ??= await this.openIndex(opened);
    return opened.keys;
  }

  private async openIndex(opened: Open): Promise<KeyIndex> {
    const sealed = await this.database.get('index', 'keys');
    if (!sealed) throw damaged();
    return open(opened.index, sealed, indexBinding(opened.header))
      .then(bytes => read(KeyIndex, bytes))
      .catch(() => {
        throw damaged();
      });
  }

  private async refuseSecondVault(): Promise<void> {
    if (!(await this.database.get('header', 'vault'))) return;
    throw new Failure('vault-exists', 'This browser has a vault already.', {
      next: 'Unlock it with its passphrase.',
    });
  }

  /** Open from now on, unless it was locked since this was asked for. */
  private async enter(opened: Open, locks: number): Promise<void> {
    if (locks === this.locks) this.opened = opened;
    else await this.unlocked.forget();
  }

  /** After the background's death: the state that the session kept, read once. */
  private restore(): Promise<void> {
    this.restored ??= (async () => {
      const { locks } = this;
      const stored = await this.database.get('header', 'vault');
      const header = stored && (await fromStored(stored).catch(() => undefined));
      const root = header && (await this.unlocked.recall(header.vault));
      if (!root) return;
      const opened = await subKeys(header, root);
      if (locks === this.locks) this.opened ??= opened;
    })();
    return this.restored;
  }

  private async demand(): Promise<Open> {
    await this.restore();
    if (this.opened) return this.opened;
    throw new Failure('vault-locked', 'The vault is locked.', { next: 'Unlock it with your passphrase.' });
  }

  /** One change at a time: each reads the index and writes it anew. */
  private alone<T>(change: () => Promise<T>): Promise<T> {
    const result = this.turn.then(() => this.restore()).then(change);
    this.turn = result.catch(() => {});
    return result;
  }
}

function find(index: KeyIndex, id: string): KeyEntry {
  const entry = index.keys.find(key => key.id === id);
  if (entry) return entry;
  throw new Failure('key-missing', 'That key is no longer in the vault.', { next: 'Choose another key.' });
}

function missing(): Failure {
  return new Failure('vault-missing', 'There is no vault in this browser yet.', {
    next: 'Create one in the options page.',
  });
}

/** Stored bytes are hostile until their schema says otherwise. */
function read<S extends v.GenericSchema>(schema: S, bytes: Uint8Array<ArrayBuffer>): v.InferOutput<S> {
  return v.parse(v.pipe(v.string(), v.parseJson(), schema), textOf(bytes));
}
