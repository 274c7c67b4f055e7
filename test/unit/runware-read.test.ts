import './browser-urls';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bytes, base64 } from '../../src/bytes';
import { isFailure } from '../../src/failure';
import type { Item } from '../../src/services/runware/frames';
import {
  costOf,
  cutOf,
  mediaId,
  medium,
  models,
  type Read,
  stored,
  text,
} from '../../src/services/runware/read';
import type { TaskItem } from '../../src/services/service';
import { speakTone } from '../emulators/runware/media/wav';

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const wav = new Uint8Array(speakTone('hello'));
const mp4 = Uint8Array.from('\0\0\0\x18ftypisom', character => character.charCodeAt(0));
const { signal } = new AbortController();
const read = (how: Read, item: Item) => how(item, 'i', signal);
const unreadable = (said: RegExp) =>
  expect.objectContaining({
    report: expect.objectContaining({
      code: 'unreadable-answer',
      message: expect.stringMatching(said),
      next: expect.stringContaining('probably charged'),
    }),
  });

/** What the network gives for an address; nothing reaches the real one. */
function network(answer: (url: string) => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('fetch', async (url: URL, init?: RequestInit) => {
    asked.push({ url: url.href, init });
    return answer(url.href);
  });
  return asked;
}

/** Without the pauses. */
async function soon<T>(work: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(10_000);
  return work;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a medium', () => {
  const prefixes = ['image', 'media', 'maskImage', 'guideImage', 'audio', 'video'];

  it.each(prefixes)(
    'named %s… is read as base64, as a data URI and from the documented host',
    async prefix => {
      network(() => new Response(png));
      const expected = { type: 'image', id: 'i', mime: 'image/png', bytes: png };
      for (const item of [
        { [`${prefix}Base64Data`]: base64(png) },
        { [`${prefix}DataURI`]: `data:image/png;base64,${base64(png)}` },
        { [`${prefix}URL`]: 'https://im.runware.ai/image/x.png' },
      ])
        expect(await read(medium('image'), item)).toEqual(expected);
    },
  );

  it('is what its bytes are, whatever the service calls it', async () => {
    const item = { imageDataURI: `data:image/jpeg;base64,${base64(png)}`, outputFormat: 'JPG' };
    expect(await read(medium('image'), item)).toMatchObject({ mime: 'image/png' });
    expect(await read(medium('audio'), { audioBase64Data: base64(wav) })).toMatchObject({
      type: 'audio',
      mime: 'audio/wav',
    });
    expect(await read(medium('video'), { mediaBase64Data: base64(mp4) })).toMatchObject({
      mime: 'video/mp4',
    });
  });

  it('comes with its seed, its cost and what the service notes of it', async () => {
    const data = { imageBase64Data: base64(png) };
    expect(await read(medium('image'), { ...data, seed: 7, cost: 0.5 })).toMatchObject({
      seed: 7,
      cost: 0.5,
    });
    expect(await read(medium('image'), { ...data, detections: [{}, {}] })).toMatchObject({ note: '2 found' });
    expect(await read(medium('image'), { ...data, detections: [] })).toMatchObject({ note: '0 found' });
    expect(await read(medium('image'), { ...data, NSFWContent: true })).toMatchObject({
      note: expect.stringContaining('not safe for work'),
    });
    expect(await read(medium('image'), { ...data, NSFWContent: 'yes', seed: '7', cost: '1' })).toEqual({
      type: 'image',
      id: 'i',
      mime: 'image/png',
      bytes: png,
    });
  });

  it.each<[string, 'image' | 'audio' | 'video', Item, RegExp]>([
    ['of another kind', 'image', { imageBase64Data: base64(wav) }, /no image Runkey knows/],
    ['of no kind', 'video', { videoBase64Data: btoa('<html>') }, /no video Runkey knows/],
    ['of no bytes', 'image', { imageBase64Data: '' }, /no image Runkey knows/],
    ['that is not base64', 'audio', { audioBase64Data: '!' }, /damaged base64/],
    ['whose data URI is not base64', 'image', { imageDataURI: 'data:image/png,%89' }, /damaged base64/],
    ['that is not there', 'image', { imageUUID: 'x' }, /with no image\./],
    ['of an odd shape', 'image', { imageBase64Data: [1], imageDataURI: {}, imageURL: 7 }, /with no image\./],
    ['at no address', 'video', { videoURL: 'over there' }, /with no video\./],
    ['at an address in the clear', 'image', { imageURL: 'http://im.runware.ai/x.png' }, /not https/],
    ['that is a script', 'image', { imageURL: 'javascript:alert(1)' }, /not https/],
    ['within its address', 'image', { imageURL: 'data:image/png;base64,AAAA' }, /not https/],
    ['in a file', 'image', { imageURL: 'file:///etc/passwd' }, /not https/],
  ])('%s cannot be read, which says so', async (_, of, item, said) => {
    const asked = network(() => new Response(png));
    await expect(read(medium(of), item)).rejects.toEqual(unreadable(said));
    expect(asked).toEqual([]);
  });

  it.each([
    'https://vm.runware.ai/video/x.mp4',
    'https://im.runware.ai.example.com/x.mp4',
    'https://im.runware.ai:8443/x.mp4',
    'https://im.runware.ai@example.com/x.mp4',
    'https://192.168.0.1/admin',
    'https://localhost/x',
  ])('at a foreign host is a link and is not fetched: %s', async videoURL => {
    const asked = network(() => new Response(mp4));
    expect(await read(medium('video'), { videoURL, cost: 1 })).toEqual({
      type: 'link',
      id: 'i',
      of: 'video',
      url: new URL(videoURL).href,
      cost: 1,
    });
    expect(asked).toEqual([]);
  });

  it('is fetched without anything of ours, and follows no redirect', async () => {
    const asked = network(() => new Response(mp4));
    await read(medium('video'), { videoURL: 'https://im.runware.ai/v.mp4' });
    expect(asked).toEqual([
      {
        url: 'https://im.runware.ai/v.mp4',
        init: {
          redirect: 'error',
          credentials: 'omit',
          cache: 'no-store',
          referrerPolicy: 'no-referrer',
          signal: expect.any(AbortSignal),
        },
      },
    ]);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['cannot be reached', () => Promise.reject(new TypeError('Failed to fetch'))],
    [
      'breaks in the middle',
      () => new Response(new ReadableStream({ pull: controller => controller.error(new TypeError('cut')) })),
    ],
    ['fails', () => new Response('', { status: 502 })],
    ['has no room', () => new Response('', { status: 429 })],
    ['does not know it', () => new Response('', { status: 404 })],
    ['forbids it', () => new Response('', { status: 403 })],
  ])('whose host %s three times is a link, so that nothing that was paid for is lost', async (_, answer) => {
    const asked = network(answer);
    const item = { videoURL: 'https://im.runware.ai/v.mp4' };
    expect(await soon(read(medium('video'), item))).toMatchObject({ type: 'link', url: item.videoURL });
    expect(asked).toHaveLength(3);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['could not be reached', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['failed', () => new Response('', { status: 503 })],
    ['had no room', () => new Response('', { status: 429 })],
    ['did not know it yet', () => new Response('', { status: 404 })],
  ])('whose host %s twice comes all the same', async (_, answer) => {
    const asked = network(() => (asked.length < 3 ? answer() : new Response(mp4)));
    const item = { videoURL: 'https://im.runware.ai/v.mp4' };
    expect(await soon(read(medium('video'), item))).toMatchObject({ type: 'video', bytes: mp4 });
  });

  it('whose host gives it too slowly is a link, after five minutes', async () => {
    const limits: number[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
      limits.push(ms);
      const late = new AbortController();
      setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), 10);
      return late.signal;
    });
    vi.stubGlobal('navigator', { onLine: true });
    vi.stubGlobal(
      'fetch',
      (_: URL, { signal }: RequestInit) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    );
    const item = { videoURL: 'https://im.runware.ai/v.mp4' };
    expect(await read(medium('video'), item)).toMatchObject({ type: 'link', url: item.videoURL });
    expect(limits).toEqual([5 * 60_000]);
  });

  it('is not waited for once nobody wants it', async () => {
    const abort = new AbortController();
    network(
      () =>
        new Promise((_, reject) => abort.signal.addEventListener('abort', () => reject(abort.signal.reason))),
    );
    const reading = medium('video')({ videoURL: 'https://im.runware.ai/v.mp4' }, 'i', abort.signal);
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  it('is told from its siblings by the id that the service gave it', () => {
    for (const prefix of prefixes) expect(mediaId({ [`${prefix}UUID`]: 'm-1', taskUUID: 't' })).toBe('m-1');
    expect(mediaId({ taskUUID: 't', imageUUID: '' })).toBeUndefined();
    expect(mediaId({ imageUUID: 7, mediaUUID: {} })).toBeUndefined();
    expect(mediaId({ inputImageUUID: 'not its own' })).toBeUndefined();
  });
});

describe('a text', () => {
  it.each<[Item, object]>([
    [{ text: 'A bird.' }, { text: 'A bird.' }],
    [{ text: '' }, { text: '' }],
    [
      { text: 'A', finishReason: 'stop', cost: 0.25 },
      { text: 'A', cost: 0.25 },
    ],
    [
      { text: 'A', finishReason: 'length' },
      { text: 'A', cut: 'length' },
    ],
    [
      { text: 'A', finishReason: 'content_filter' },
      { text: 'A', cut: 'filter' },
    ],
    [{ text: 'A', finishReason: 'constructor' }, { text: 'A' }],
    [{ structuredData: { age: 30 } }, { text: '{\n  "age": 30\n}' }],
    [{ structuredData: [1] }, { text: '[\n  1\n]' }],
    [{ text: 'words', structuredData: { age: 30 } }, { text: 'words' }],
  ])('%j is read', async (item, expected) => {
    expect(await read(text, item)).toEqual({ type: 'text', id: 'i', ...expected });
  });

  it.each([
    {},
    { text: null },
    { text: 7 },
    { text: ['a'] },
    { structuredData: 'x' },
    { structuredData: null },
  ])('%j is none, which says so', async item => {
    await expect(read(text, item)).rejects.toEqual(unreadable(/without text/));
  });

  it('is kept as it came, in whatever script and with whatever markup', async () => {
    const said = '<img src=x onerror=alert(1)> \u202eключ\0';
    expect(await read(text, { text: said })).toMatchObject({ text: said });
  });

  it('says why it was cut only where that is known', () => {
    for (const reason of [undefined, null, 7, {}, 'stop', 'unknown', '__proto__', 'toString'])
      expect(cutOf(reason)).toEqual({});
  });
});

describe('a list of models', () => {
  it('has the id that a field takes, a name, and what kind it is', async () => {
    const results = [
      { air: 'runware:100@1', name: 'FLUX.1 schnell', category: 'checkpoint', architecture: 'flux1s' },
      { air: ' runware:101@1 ', name: '  ', category: 'checkpoint' },
      { air: 'a:b@1', architecture: 'x' },
    ];
    expect(await read(models, { results, totalResults: 90 })).toEqual({
      type: 'list',
      id: 'i',
      total: 90,
      rows: [
        { id: 'runware:100@1', title: 'FLUX.1 schnell', note: 'checkpoint, flux1s' },
        { id: 'runware:101@1', title: 'runware:101@1', note: 'checkpoint' },
        { id: 'a:b@1', title: 'a:b@1', note: 'x' },
      ],
    });
  });

  it('leaves out what is no model, and is empty where nothing was found', async () => {
    const results = [
      null,
      7,
      'x',
      [],
      {},
      { air: 7 },
      { air: '' },
      { name: 'without an id' },
      { air: 'a:b@1' },
    ];
    expect(await read(models, { results })).toMatchObject({ rows: [{ id: 'a:b@1' }], total: 1 });
    expect(await read(models, { results: [], totalResults: 0 })).toMatchObject({ rows: [], total: 0 });
    expect(await read(models, { results: [], totalResults: 'many' })).toMatchObject({ total: 0 });
  });

  it('has at most a hundred lines, and none of endless words', async () => {
    const results = Array.from({ length: 500 }, (_, at) => ({ air: `a:b@${at}`, name: 'x'.repeat(9_000) }));
    const list = await read(models, { results });
    if (list.type !== 'list') throw new Error('no list');
    expect(list.rows).toHaveLength(100);
    expect(Math.max(...list.rows.map(({ title }) => title.length))).toBe(500);
  });

  it.each([{}, { results: {} }, { results: 'x' }])('%j is none, which says so', async item => {
    await expect(read(models, item)).rejects.toEqual(unreadable(/search without results/));
  });
});

describe('what was stored', () => {
  it('is told by its id, whatever the service calls it', async () => {
    for (const name of ['mediaUUID', 'imageUUID', 'videoUUID'])
      expect(await read(stored, { operation: 'upload', [name]: 'm-1' })).toEqual({
        type: 'list',
        id: 'i',
        rows: [{ id: 'm-1', title: 'Stored' }],
        total: 1,
      });
    expect(await read(stored, { operation: 'delete', mediaUUID: 'm-1' })).toMatchObject({
      rows: [{ id: 'm-1', title: 'Deleted' }],
    });
  });

  it('without an id says so', async () => {
    await expect(read(stored, { operation: 'upload', taskUUID: 't' })).rejects.toEqual(unreadable(/no id/));
  });
});

describe('a cost', () => {
  it.each<[unknown, object]>([
    [0.0024, { cost: 0.0024 }],
    [0, { cost: 0 }],
    [-1, {}],
    [Number.NaN, {}],
    [Number.POSITIVE_INFINITY, {}],
    ['0.5', {}],
    [{ amount: 1 }, {}],
    [undefined, {}],
  ])('%j is %j', (cost, expected) => {
    expect(costOf({ cost })).toEqual(expected);
  });
});

const typed = (item: TaskItem): boolean => {
  const isBytes = (bytes: Bytes) => bytes instanceof Uint8Array;
  switch (item.type) {
    case 'text':
      return typeof item.text === 'string';
    case 'link':
      return item.url.startsWith('https://');
    case 'list':
      return item.rows.every(({ id, title }) => typeof id === 'string' && typeof title === 'string');
    default:
      return isBytes(item.bytes) && item.mime.startsWith(`${item.type}/`);
  }
};

describe('any item at all', () => {
  const names = fc.constantFrom(
    'imageBase64Data',
    'imageDataURI',
    'imageURL',
    'mediaURL',
    'videoURL',
    'audioBase64Data',
    'text',
    'structuredData',
    'finishReason',
    'cost',
    'seed',
    'detections',
    'NSFWContent',
    'results',
    'totalResults',
    'mediaUUID',
    'operation',
    '__proto__',
  );
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      base64(png),
      base64(wav),
      'https://im.runware.ai/x',
      'https://x.example/',
      'data:,',
      '',
    ),
    fc.anything(),
  );

  it('is read into what its kind is, or not at all, with a sentence', async () => {
    network(() => new Response(png));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, values, { maxKeys: 5 }), async item => {
        for (const how of [medium('image'), medium('audio'), medium('video'), text, models, stored]) {
          const found = await read(how, item).catch(thrown => {
            if (!isFailure(thrown, 'unreadable-answer')) throw thrown;
            return undefined;
          });
          expect(found === undefined || typed(found)).toBe(true);
          // It goes through a port and into the database.
          expect(() => structuredClone(found)).not.toThrow();
        }
      }),
      { numRuns: 1_500 },
    );
  });
});
