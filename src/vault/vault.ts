import { isFailure } from '../failure';
import { type Database, type Sealed, write } from '../store/database';
import { AutoLock } from './auto-lock';
import type { BackedUpKey } from './backup';
import { exists, locked, missing, wouldBeLost } from './failures';
import { type Header, headerOf, take } from './header';
import { Keyring, sealedWhole, type WholeKey } from './keyring';
import { Marker } from './marker';
import { callBinding, EXTRACTABLE, LIVE, newKey, type Open, ROOT, subKeys } from './opened';
import { Order } from './order';
import { checkPassphrase } from './passphrase';
import type { Passkey, Proof } from './proof';
import { Records, sealIndex } from './records';
import { replaceKey } from './replace-key';
import { whole } from './restore';
import { unwrap, wrap } from './seal';
import { type Area, Unlocked } from './unlocked';
import { Uses } from './uses';
import { type Proven, passkeyWay, passphraseWay } from './ways';

/**
 * `missing`: there never was a vault. `lost`: there was one, and the browser has nothing of it any more.
 * `damaged`: what is there cannot be read.
 */
export type VaultStatus = 'missing' | 'lost' | 'locked' | 'unlocked' | 'damaged';

interface Around {
  readonly database: Database;
  readonly session: Area;
  readonly local: Area;
  /** Told when the vault will lock by itself, ms since the epoch; undefined: it will not. */
  readonly willLock?: (at: number | undefined) => void;
}

/**
 * Keys at rest. A random vault key seals everything; the passphrase, and each passkey, wraps the vault key.
 * One instance, in the background.
 */
export class Vault {
  readonly keys: Keyring;
  readonly uses: Uses;
  readonly autoLock: AutoLock;
  private opened: Open | undefined;
  private restored: Promise<void> | undefined;
  private readonly order = new Order(() => this.settle());
  /** How often it was locked: what began opening before a lock does not end up open after it. */
  private locks = 0;
  private readonly database: Database;
  private readonly records: Records;
  private readonly unlocked: Unlocked;
  private readonly marker: Marker;
  private readonly lockListeners = new Set<() => void>();

  constructor({ database, session, local, willLock = () => {} }: Around) {
    this.database = database;
    this.records = new Records(database);
    this.unlocked = new Unlocked(database, session);
    this.marker = new Marker(local);
    this.autoLock = new AutoLock(database, session, willLock);
    this.uses = new Uses(database, this);
    this.keys = new Keyring({
      records: this.records,
      demand: () => this.demand(),
      order: this.order,
      prove: proof => this.prove(proof),
    });
  }

  /** Throws `vault-unreadable`. */
  async status(): Promise<VaultStatus> {
    await this.settle();
    if (this.opened) return 'unlocked';
    try {
      if ((await this.records.headers()).length > 0) return 'locked';
      return (await this.marker.isSet()) ? 'lost' : 'missing';
    } catch (thrown) {
      if (isFailure(thrown, 'vault-damaged')) return 'damaged';
      throw thrown;
    }
  }

  /** The passkeys that open it, which is no secret. None of a vault that cannot be read. */
  async passkeys(): Promise<Passkey[]> {
    const [header] = this.opened ? [this.opened.header] : await this.records.headers().catch(() => []);
    return header?.passkeys.map(({ passkey }) => passkey) ?? [];
  }

  /** Makes a vault and leaves it unlocked. Throws `bad-passphrase`, `vault-exists`, `storage-full`. */
  create(passphrase: string): Promise<void> {
    return this.order.alone(async () => {
      if ((await this.records.headers()).length > 0) throw exists();
      await this.make(passphrase, []);
    });
  }

  /**
   * Makes a vault of a backup's keys, in the place of one that is missing, lost or damaged, all in one
   * transaction. Throws as `create`: a vault that opens is never begun anew.
   */
  begin(passphrase: string, keys: readonly BackedUpKey[]): Promise<void> {
    return this.order.alone(async () => {
      const status = await this.status();
      if (status === 'locked' || status === 'unlocked') throw exists();
      await this.make(
        passphrase,
        keys.map(key => whole(key, undefined)),
      );
    });
  }

  /** Throws `vault-missing`, `vault-damaged`, `vault-parameters`, `wrong-passphrase` or `wrong-passkey`. */
  unlock(proof: Proof): Promise<void> {
    const { locks } = this;
    return this.order.alone(async () => {
      const headers = await this.records.headers();
      if (headers.length === 0) throw missing();
      const faults: unknown[] = [];
      for (const header of headers) {
        try {
          const proven = await take(header, proof);
          const opened = await subKeys(header, await proven(ROOT));
          opened.keys = await this.records.index(opened);
          await this.records.mendHeader(header);
          if (locks !== this.locks) return;
          await this.keepOpen(header, await proven(EXTRACTABLE));
          await this.marker.set();
          return await this.enter(opened, locks);
        } catch (thrown) {
          faults.push(thrown);
        }
      }
      // Where one header took the proof, the proof was not at fault.
      throw (
        faults.find(fault => !isFailure(fault, 'wrong-passphrase') && !isFailure(fault, 'wrong-passkey')) ??
        faults[0]
      );
    });
  }

  /** Wipes the vault key and tells everyone who holds something opened. Never fails on a locked vault. */
  async lock(): Promise<void> {
    this.locks++;
    this.opened = undefined;
    this.restored = Promise.resolve();
    for (const listener of this.lockListeners) listener();
    await this.forgetOpen();
  }

  /** The person did something. It opens nothing: a vault that should have locked by now locks. */
  async touch(): Promise<void> {
    await this.settle();
    if (this.opened) await this.autoLock.touch();
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

  /**
   * That whoever asks is who opens the vault. Throws `vault-locked`, `wrong-passphrase`, `wrong-passkey`,
   * `vault-parameters`.
   */
  async prove(proof: Proof): Promise<Proven> {
    return take((await this.demand()).header, proof);
  }

  /** Wraps the vault key anew and rewrites nothing else. Throws as `prove`, and `bad-passphrase`, `storage-full`. */
  changePassphrase(proof: Proof, passphrase: string): Promise<void> {
    return this.order.alone(async () => {
      checkPassphrase(passphrase);
      const { header, key } = await this.proven(proof);
      const { way } = await passphraseWay(header.vault, passphrase, key);
      await this.writeHeader([way, ...header.passkeys.map(({ stored }) => stored)]);
    });
  }

  /** `secret` is what the passkey's function gave at its salt, 32 bytes in base64. Throws as `prove`, and `storage-full`. */
  addPasskey(proof: Proof, passkey: Passkey, secret: string): Promise<void> {
    return this.order.alone(async () => {
      const { header, key } = await this.proven(proof);
      const others = header.passkeys.filter(way => way.passkey.id !== passkey.id);
      const anew = await passkeyWay(header.vault, passkey, secret, key);
      await this.writeHeader([header.passphrase.stored, ...others.map(({ stored }) => stored), anew]);
    });
  }

  /** Throws as `prove`, and `storage-full`. One that is not there is removed already. */
  removePasskey(proof: Proof, id: string): Promise<void> {
    return this.order.alone(async () => {
      const { header } = await this.proven(proof);
      const others = header.passkeys.filter(({ passkey }) => passkey.id !== id);
      await this.writeHeader([header.passphrase.stored, ...others.map(({ stored }) => stored)]);
    });
  }

  /**
   * Seals everything anew with a new vault key, opened by a new passphrase; passkeys must be added again.
   * Throws as `prove`, and `bad-passphrase`, `vault-busy` while a call is open, `key-damaged`, `storage-full`.
   */
  replaceKey(proof: Proof, passphrase: string): Promise<void> {
    const { locks } = this;
    return this.order.alone(async () => {
      checkPassphrase(passphrase);
      const proven = await this.prove(proof);
      const old = await this.demand();
      const keys = await this.keys.whole();
      const [lost] = keys.damaged;
      if (lost) throw wouldBeLost(lost.label);
      const key = await newKey();
      const anew = await passphraseWay(old.header.vault, passphrase, key);
      const header = await headerOf([anew.way], old.header);
      const opened = await subKeys(header, await anew.proven(ROOT));
      // Whoever dies in the middle finds it locked, and not open with a key that may no longer be its own.
      await this.unlocked.forget();
      try {
        opened.keys = await replaceKey(this.database, old, opened, keys.keys);
      } catch (thrown) {
        await this.stayOpen(old, await proven(EXTRACTABLE), locks);
        throw thrown;
      }
      await this.stayOpen(opened, key, locks);
    });
  }

  /** Deletes the vault, every call and every setting, for good. */
  erase(): Promise<void> {
    return this.order.alone(async () => {
      await this.lock();
      // First: what is left of an erasing that was stopped is a vault, and not one that was lost.
      await this.marker.clear();
      const stores = [...this.database.objectStoreNames];
      await write(this.database, stores, async transaction => {
        await Promise.all(stores.map(async store => transaction.objectStore(store).clear()));
      });
    });
  }

  /** A random key for one call: live, to seal with although the vault may lock, and wrapped, to keep. */
  newCallKey(call: string): Promise<{ live: CryptoKey; wrapped: Sealed }> {
    // Not while the vault key is being replaced, which would wrap it in vain.
    return this.order.beside(async () => {
      const { calls, header } = await this.demand();
      const wrapped = await wrap(calls, await newKey(), callBinding(header.vault, call));
      return { live: await this.openCallKey(call, wrapped), wrapped };
    });
  }

  /** Throws `vault-locked`, or OperationError when it is not that call's key. */
  async openCallKey(call: string, wrapped: Sealed): Promise<CryptoKey> {
    const { calls, header } = await this.demand();
    return unwrap(calls, wrapped, callBinding(header.vault, call), LIVE);
  }

  private async make(passphrase: string, keys: readonly WholeKey[]): Promise<void> {
    const { locks } = this;
    checkPassphrase(passphrase);
    const key = await newKey();
    const { way, proven } = await passphraseWay(crypto.randomUUID(), passphrase, key);
    const header = await headerOf([way]);
    const opened = await subKeys(header, await proven(ROOT));
    const sealed = await sealedWhole(opened, keys);
    const secrets = new Map(sealed.map(one => [one.entry.id, one.sealed]));
    opened.keys = { version: 2, revision: 1, keys: sealed.map(({ entry }) => entry) };
    try {
      await this.keepOpen(header, key);
      const index = await sealIndex(opened, opened.keys);
      await this.records.begin({ header: header.stored, index, secrets });
    } catch (thrown) {
      await this.forgetOpen();
      throw thrown;
    }
    await this.marker.set();
    await this.enter(opened, locks);
  }

  private async proven(proof: Proof): Promise<{ header: Header; key: CryptoKey }> {
    const { header } = await this.demand();
    return { header, key: await (await take(header, proof))(EXTRACTABLE) };
  }

  private async writeHeader(ways: Parameters<typeof headerOf>[0]): Promise<void> {
    const opened = await this.demand();
    const header = await headerOf(ways, opened.header);
    await this.records.write({ header: header.stored });
    opened.header = header;
  }

  private async keepOpen({ vault }: Header, key: CryptoKey): Promise<void> {
    await this.unlocked.keep(vault, key);
    await this.autoLock.touch();
  }

  /** Open from now on, unless it was locked since this was asked for. */
  private async enter(opened: Open, locks: number): Promise<void> {
    if (locks === this.locks) this.opened = opened;
    else await this.forgetOpen();
  }

  /** Open with this key from now on, unless it was locked meanwhile. */
  private async stayOpen(opened: Open, key: CryptoKey, locks: number): Promise<void> {
    if (locks !== this.locks) return;
    this.opened = opened;
    // Without it the next background is locked, no more.
    await this.unlocked.keep(opened.header.vault, key).catch(() => {});
    await this.enter(opened, locks);
  }

  private async forgetOpen(): Promise<void> {
    await this.unlocked.forget();
    await this.autoLock.forget();
  }

  /** Open if the session says so, and locked if it should have locked by now. */
  private async settle(): Promise<void> {
    this.restored ??= this.restore();
    await this.restored;
    if (this.opened && (await this.autoLock.isDue())) await this.lock();
  }

  /** After the background's death: the state that the session kept, read once. */
  private async restore(): Promise<void> {
    const { locks } = this;
    for (const header of await this.records.headers().catch(() => [])) {
      const root = await this.unlocked.recall(header.vault);
      if (!root) continue;
      const opened = await subKeys(header, root);
      if (locks === this.locks) this.opened ??= opened;
    }
  }

  private async demand(): Promise<Open> {
    await this.settle();
    if (this.opened) return this.opened;
    throw locked();
  }
}
