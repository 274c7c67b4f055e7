import browser from 'webextension-polyfill';

let turn: Promise<unknown> = Promise.resolve();

/** One after another: what is put while something is being taken must not go with it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work);
  turn = done.catch(() => {});
  return done;
}

/** Keeps a thing for whoever takes it, in storage.session: in memory alone, and closed to content scripts. */
export const handOver = (name: string, value: object): Promise<void> =>
  inTurn(() => browser.storage.session.set({ [name]: value }));

/** Takes what was kept, once; undefined: there is nothing. */
export const takeOver = (name: string): Promise<unknown> =>
  inTurn(async () => {
    const { [name]: kept } = await browser.storage.session.get(name);
    if (kept !== undefined) await browser.storage.session.remove(name);
    return kept;
  });
