import * as v from 'valibot';
import { operationOf } from '../../src/services/abouts';
import { initialValues, type Values } from '../../src/services/fields';
import { openPage } from '../browser/drive/ask';
import { launchUnattached, type Unattached } from '../browser/drive/chromium-unattached';
import { distOf, OPTIONS } from '../browser/stage';
import type { Tried } from './comparison';
import { inPage } from './in-page';

/** How a call ended, as an open page hears of it. */
const Ended = v.object({
  id: v.string(),
  phase: v.string(),
  /** When the background took it on, ms since the epoch. */
  asked: v.number(),
  /** By the background's own account: from being asked until it has read the answer, ms. */
  worker: v.optional(v.number()),
  /** From the page's question until the page has the answer, ms. */
  page: v.number(),
  failure: v.optional(
    v.object({
      code: v.string(),
      message: v.string(),
      /** The service's own words. */
      service: v.optional(v.object({ text: v.optional(v.string()) })),
    }),
  ),
  items: v.array(v.object({ kind: v.string(), media: v.optional(v.number()) })),
});
export type Ended = v.InferOutput<typeof Ended>;

/** The built extension in a browser, with an open vault and nobody attached to its worker. */
export interface Runkey {
  readonly browser: Unattached;
  /** The id of a key that was put in. */
  addKey(apiKey: string, values?: Values): Promise<string>;
  /** Starts image calls of a key in one moment, and waits until all of them have ended. */
  images(key: string, values: readonly Values[]): Promise<Ended[]>;
  /** The media of a call, in the order of its items. */
  media(call: Ended): Promise<Buffer[]>;
  close(): Promise<void>;
}

export async function startRunkey(hosts: Record<string, number>): Promise<Runkey> {
  const browser = await launchUnattached({ extensionDir: distOf('chromium'), hosts });
  try {
    return await prepared(browser);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function prepared(browser: Unattached): Promise<Runkey> {
  const page = await openPage(browser, OPTIONS);
  await page.ask('vault.create', { passphrase: 'plum anchor violin north' });
  await page.evaluate(`${await inPage('run-calls.js')}()`);
  const initial = initialValues(operationOf('runware', 'image').fields);
  let keys = 0;
  return {
    browser,
    async addKey(apiKey, values = {}) {
      keys += 1;
      const notes = { label: `Bench ${keys}` };
      const added = await page.ask('keys.add', { service: 'runware', notes, values: { ...values, apiKey } });
      return v.parse(v.object({ id: v.string() }), added).id;
    },
    async images(key, values) {
      const bodies = values.map(own => ({ key, operation: 'image', values: { ...initial, ...own } }));
      return v.parse(v.array(Ended), await page.evaluate(`runCalls(${JSON.stringify(bodies)})`));
    },
    async media({ id, items }) {
      const found: Buffer[] = [];
      for (const { media } of items) {
        const reply = await page.ask('calls.media', { id, media });
        found.push(Buffer.from(v.parse(v.object({ base64: v.string() }), reply).base64, 'base64'));
      }
      return found;
    },
    close: () => browser.close(),
  };
}

/** A call as what came of trying: any end but an answer is an error. */
export function triedBy(call: Ended | undefined): Tried {
  if (!call) throw new Error('No call was made.');
  const { phase, page: ms, failure } = call;
  return { ms, ...(phase !== 'done' && { error: failure?.message ?? phase }) };
}

/** What a call came to, where it had to come to an answer. */
export function done(call: Ended | undefined): Ended {
  if (call?.phase === 'done') return call;
  throw new Error(`A call ended as ${call?.phase}: ${call?.failure?.message}`);
}
