import browser from 'webextension-polyfill';

const NAME = 'boot';
let known: Promise<string> | undefined;

/** Names this run of the browser: storage.session lives exactly as long. */
export function boot(): Promise<string> {
  known ??= (async () => {
    const { [NAME]: kept } = await browser.storage.session.get(NAME);
    if (typeof kept === 'string') return kept;
    const made = crypto.randomUUID();
    await browser.storage.session.set({ [NAME]: made });
    return made;
  })();
  return known;
}
