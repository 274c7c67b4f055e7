// Runs inside a page of the extension, as a function of records as `past.ts` has them: puts them into the database.
async records => {
  const read = value => {
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== 'object' || value === null) return value;
    if ('base64' in value) return Uint8Array.from(atob(value.base64), one => one.charCodeAt(0));
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, read(part)]));
  };
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('runkey');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const transaction = database.transaction(database.objectStoreNames, 'readwrite');
  for (const { store, key, value } of records) {
    const target = transaction.objectStore(store);
    if (target.keyPath === null) target.put(read(value), key);
    else target.put(read(value));
  }
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  database.close();
};
