import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64 } from '../../src/bytes';

/** What opens the vault in the fixture. */
export const proof = { by: 'passphrase', passphrase: 'a vault from before: ünïcode' } as const;

export type Records = Record<string, { key: string; value: unknown }[]>;

/** The records of a database that the first version of Runkey wrote. */
export const first: Records = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/vault-1.json'), 'utf8'),
  (_, value) => (typeof value?.bytes === 'string' ? fromBase64(value.bytes) : value),
);

let made = 0;

/** A database as version 1 or 2 of Runkey made it; one of any other version has the stores of the first. */
export async function stored(records: Records, version = 1): Promise<string> {
  const name = `old ${++made}`;
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    const { result } = opening;
    for (const store of ['header', 'index', 'secrets', 'device']) result.createObjectStore(store);
    for (const store of ['journal', 'history']) {
      result.createObjectStore(store, { keyPath: 'id' }).createIndex('at', 'at');
    }
    if (version === 2) {
      for (const store of ['header', 'index', 'secrets']) result.createObjectStore(`${store} copy`);
      result.createObjectStore('uses', { keyPath: 'id' }).createIndex('key', ['key', 'at']);
      result.createObjectStore('settings');
    }
    for (const [store, all] of Object.entries(records)) {
      const target = opening.transaction?.objectStore(store);
      for (const { key, value } of all) target?.put(value, ...(target.keyPath === null ? [key] : []));
    }
  };
  await new Promise((resolve, reject) => {
    opening.onsuccess = resolve;
    opening.onerror = reject;
  });
  opening.result.close();
  return name;
}
