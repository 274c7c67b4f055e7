import { type Bytes, fromBase64 } from '../../bytes';
import { Failure, isFailure } from '../../failure';
import { request } from '../egress';
import { pause } from '../pause';
import type { Row, TaskItem } from '../service';
import { type Item, isItem } from './frames';
import { mediumOf } from './media';

/** Reads one item of an answer. Throws `unreadable-answer`, or what fetching its address throws. */
export type Read = (item: Item, id: string, signal: AbortSignal) => Promise<TaskItem>;

/** The only host of results that Runware documents. */
const RESULT_HOSTS = { origins: ['https://im.runware.ai'] };

/** How long a result may take to be fetched, ms: what does not come by then is for the person to open. */
const FETCHING = 5 * 60_000;

/** The waits before each attempt, where the network or the host failed, ms. */
const WAITS = [0, 500, 2_000];

/** Runware names a medium after what it is: imageURL, videoUUID, maskImageBase64Data, and `media…` in newer schemas. */
const PREFIXES = ['image', 'media', 'maskImage', 'guideImage', 'audio', 'video'] as const;

/** The most of a service's own words that are kept of one line, characters. */
const LONGEST = 500;

const words = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() ? value.trim().slice(0, LONGEST) : undefined;

/** No single task costs more, US dollars: what says so is not believed. */
const DEAREST = 10_000;

/** US dollars, where an item says. */
export function costOf({ cost }: Item): { cost?: number } {
  return typeof cost === 'number' && cost >= 0 && cost <= DEAREST ? { cost } : {};
}

/** The id that Runware gives a medium, to tell two of them apart; undefined for text, which has none. */
export function mediaId(item: Item): string | undefined {
  for (const prefix of PREFIXES) {
    const id = item[`${prefix}UUID`];
    if (typeof id === 'string' && id) return id;
  }
  return undefined;
}

/** An image, a sound or a film: its bytes, or an address where it may not be fetched. */
export const medium =
  (of: 'image' | 'audio' | 'video'): Read =>
  async (item, id, signal) => {
    const found = await bytesOf(item, of, signal);
    const rest = { id, ...costOf(item) };
    if (found instanceof URL) return { type: 'link', url: found.href, of, ...rest };
    const kind = mediumOf(found);
    if (kind?.type !== of) throw unreadable(`something that is no ${of} Runkey knows`);
    const { seed } = item;
    return {
      ...rest,
      bytes: found,
      ...(typeof seed === 'number' && Number.isFinite(seed) && { seed }),
      ...(Array.isArray(item.detections) && { note: `${item.detections.length} found` }),
      ...(item.NSFWContent === true && { note: 'Marked as not safe for work' }),
      ...kind,
    };
  };

const CUTS: Readonly<Record<string, 'length' | 'filter'>> = { length: 'length', content_filter: 'filter' };

export const cutOf = (reason: unknown): { cut?: 'length' | 'filter' } => {
  const cut = typeof reason === 'string' && Object.hasOwn(CUTS, reason) ? CUTS[reason] : undefined;
  return cut ? { cut } : {};
};

/** Models that estimate an age answer with structured data instead of text. */
export const text: Read = async (item, id) => {
  const said = typeof item.text === 'string' ? item.text : structured(item);
  if (said === undefined) throw unreadable('an answer without text');
  return { type: 'text', id, text: said, ...cutOf(item.finishReason), ...costOf(item) };
};

function structured({ structuredData }: Item): string | undefined {
  try {
    return typeof structuredData === 'object' && structuredData !== null
      ? JSON.stringify(structuredData, null, 2)
      : undefined;
  } catch {
    return undefined; // Nested deeper than can be walked.
  }
}

export const models: Read = async (item, id) => {
  if (!Array.isArray(item.results)) throw unreadable('a search without results');
  const rows = item.results.slice(0, 100).flatMap((result: unknown): Row[] => {
    const { air, name, architecture, category } = isItem(result) ? result : {};
    const model = words(air);
    const note = [words(category), words(architecture)].filter(Boolean).join(', ');
    return model ? [{ id: model, title: words(name) ?? model, ...(note && { note }) }] : [];
  });
  const { totalResults: total } = item;
  return { type: 'list', id, rows, total: Number.isSafeInteger(total) ? Number(total) : rows.length };
};

/** What was stored, or deleted, under its id. */
export const stored: Read = async (item, id) => {
  const media = mediaId(item);
  if (!media) throw unreadable('no id of what it stores');
  const title = item.operation === 'delete' ? 'Deleted' : 'Stored';
  return { type: 'list', id, rows: [{ id: media, title }], total: 1 };
};

async function bytesOf(item: Item, of: string, signal: AbortSignal): Promise<Bytes | URL> {
  for (const prefix of PREFIXES) {
    const data = item[`${prefix}Base64Data`];
    const uri = item[`${prefix}DataURI`];
    const address = item[`${prefix}URL`];
    try {
      if (typeof data === 'string') return fromBase64(data);
      if (typeof uri === 'string') return fromBase64(uri.slice(uri.indexOf(',') + 1));
    } catch {
      throw unreadable('damaged base64');
    }
    const url = typeof address === 'string' ? URL.parse(address) : null;
    if (url) return fetched(url, signal);
  }
  throw unreadable(`no ${of}`);
}

/** From the documented host; from any other, or where that host fails again and again, it is for the person to open. */
async function fetched(url: URL, signal: AbortSignal): Promise<Bytes | URL> {
  if (url.protocol !== 'https:') throw unreadable('an address that is not https');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(FETCHING)]);
  for (const wait of WAITS) {
    try {
      if (wait) await pause(wait, limit);
      const response = await request(RESULT_HOSTS, url, { signal: limit });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
    } catch (thrown) {
      signal.throwIfAborted();
      if (limit.aborted || isFailure(thrown, 'wrong-origin')) return url;
    }
  }
  return url;
}

function unreadable(what: string): Failure {
  return new Failure('unreadable-answer', `Runware answered with ${what}.`, {
    next: 'It was probably charged. Run again, or tell Runware.',
  });
}
