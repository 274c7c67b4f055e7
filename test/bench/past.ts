import '../base64';
import { randomUUID } from 'node:crypto';
import type { CallRequest, CallState, Item } from '../../src/calls/call';
import { Journal } from '../../src/calls/journal';
import { operationOf } from '../../src/services/abouts';
import { initialValues } from '../../src/services/fields';
import { drawPicture } from '../emulators/runware/media/picture';
import { encodePng } from '../emulators/runware/media/raster';
import { dumpOf, isBytes } from '../unit/dump';
import { roomWithVault, runwareKey } from '../unit/vaults';

/** A minute lies between two calls. */
const APART = 60_000;
/** Pictures of the history's own size on the page, a few different ones. */
const PICTURES = 12;

const pictures = Array.from({ length: PICTURES }, (_, seed) =>
  Uint8Array.from(encodePng(drawPicture({ prompt: 'The past', seed, width: 128, height: 128 }))),
);

/** A record as JSON can carry it: bytes as `{ base64 }`. */
export interface Carried {
  readonly store: string;
  readonly key: IDBValidKey;
  readonly value: unknown;
}

/**
 * A vault with a key and so many finished calls, images and texts in turn, as the journal itself writes them:
 * everything that its database holds but the device's own key, which no other browser could use.
 */
export async function makePast(entries: number, passphrase: string): Promise<Carried[]> {
  const { vault, database } = await roomWithVault(passphrase);
  const key = await vault.keys.add(runwareKey('Work'));
  const journal = new Journal(database, vault);
  const now = Date.now();
  for (let at = 0; at < entries; at++) {
    const operation = at % 2 === 0 ? 'image' : 'text';
    const prompt = `Call ${at} of the past, about a lighthouse at dusk and whatever else comes to mind`;
    const request: CallRequest = {
      service: 'runware',
      key,
      label: 'Work',
      operation,
      values: { ...initialValues(operationOf('runware', operation).fields), prompt },
      boot: 'an earlier one',
    };
    const entry = await journal.prepare(randomUUID(), now - at * APART, request);
    const picture = pictures[at % PICTURES];
    const item: Item =
      operation === 'image'
        ? { kind: 'image', id: randomUUID(), type: 'image/png', media: 0, seed: at + 1 }
        : { kind: 'text', id: 'only', text: `An answer. ${'It goes on for a while. '.repeat(20)}` };
    const done: CallState = { phase: 'done', tookMs: 1_234, cost: 0.0006, items: [item] };
    await journal.advance(entry, done, item.kind === 'image' && picture ? [picture] : []);
  }
  const dump = await dumpOf(database);
  return dump.filter(({ store }) => store !== 'device').map(carried);
}

const carried = ({ store, key, value }: Carried): Carried => ({ store, key, value: carry(value) });

function carry(value: unknown): unknown {
  if (isBytes(value)) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(carry);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, carry(part)]));
}
