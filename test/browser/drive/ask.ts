import * as v from 'valibot';
import type { Target, Unattached } from './chromium-unattached';

const Done = v.object({ ok: v.literal(true), value: v.optional(v.unknown()) });

/** A page of the extension in a browser that nobody is attached to. */
export interface OpenPage {
  readonly tab: Target;
  evaluate(source: string): Promise<unknown>;
  /** Asks the background as the page would, without its forms. Throws when that was not done. */
  ask(name: string, body: object): Promise<unknown>;
}

/** Opens a page of the extension and waits until it is there. */
export async function openPage(browser: Unattached, path: string): Promise<OpenPage> {
  const tab = await browser.openTab(path);
  const evaluate = (source: string) => browser.evaluate(tab, source);
  // A tab begins with an empty document of its own, which has no extension yet.
  const isThere = () =>
    evaluate(`document.readyState === 'complete' && 'runtime' in (globalThis.chrome ?? {})`);
  for (const end = Date.now() + 20_000; !(await isThere()); )
    if (Date.now() > end) throw new Error(`Waited 20 s for ${path} in vain.`);
  return {
    tab,
    evaluate,
    async ask(name, body) {
      const reply = await evaluate(`chrome.runtime.sendMessage(${JSON.stringify({ ask: name, body })})`);
      if (!v.is(Done, reply)) throw new Error(`${name} was not done: ${JSON.stringify(reply)}`);
      return reply.value;
    },
  };
}
