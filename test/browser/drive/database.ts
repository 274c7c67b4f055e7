import type { Page, Worker } from 'playwright-core';

/** Does to the extension's database what disks, browsers and other versions of Runkey do to it. */

/** How many records each store holds, and how many calls are `open`. */
export function countRecords(worker: Worker): Promise<Record<string, number>> {
  return worker.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(indexedDB.open('runkey'));
    const counts: Record<string, number> = {};
    for (const name of database.objectStoreNames)
      counts[name] = await settled(database.transaction(name).objectStore(name).count());
    const index = database.transaction('calls').objectStore('calls').index('place');
    counts.open = await settled(index.count(IDBKeyRange.bound(['open'], ['open', []])));
    database.close();
    return counts;
  });
}

/** Flips a bit in the bytes of every record of these stores. */
export function flipBits(worker: Worker, stores: readonly string[]): Promise<void> {
  return worker.evaluate(async names => {
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(indexedDB.open('runkey'));
    for (const name of names) {
      const store = database.transaction(name, 'readwrite').objectStore(name);
      for (const key of await settled(store.getAllKeys())) {
        const record: { checksum?: Uint8Array; data?: Uint8Array } = await settled(store.get(key));
        const bytes = record.checksum ?? record.data;
        if (!bytes) throw new Error(`There are no bytes to damage in ${name}.`);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        await settled(store.put(record, key));
      }
    }
    database.close();
  }, stores);
}

/** As when a browser's data is cleared. The background must be dead: it holds the database open. */
export function deleteDatabase(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('runkey');
        deleting.onsuccess = () => resolve();
        deleting.onblocked = () => reject(new Error('Something holds the database open.'));
      }),
  );
}

/** As when a newer Runkey wrote it. The background must be dead. */
export function raiseVersion(page: Page, version: number): Promise<void> {
  return page.evaluate(
    to =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('runkey', to);
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
        opening.onblocked = () => reject(new Error('Something holds the database open.'));
      }),
    version,
  );
}

/** From now until `leaveRoom`, every write of the background finds the disk full. */
export function fillDisk(worker: Worker): Promise<void> {
  return worker.evaluate(() => {
    const { prototype } = IDBObjectStore;
    const { put } = prototype;
    Object.assign(globalThis, { leaveRoom: () => Object.assign(prototype, { put }) });
    prototype.put = () => {
      throw new DOMException('There is no room.', 'QuotaExceededError');
    };
  });
}

export async function leaveRoom(worker: Worker): Promise<void> {
  await worker.evaluate('leaveRoom(), undefined');
}
