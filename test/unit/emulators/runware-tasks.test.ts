import { randomUUID } from 'node:crypto';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { demoKey, type RunwareEmulator } from '../../emulators/runware';
import { ask, RawLine, start, text, within } from './runware-line';

let runware: RunwareEmulator;
let line: RawLine;

beforeEach(async () => {
  runware = await start({ taskMs: 0 });
  line = new RawLine(runware.port);
  await line.signIn();
});
afterEach(() => runware.close());

const task = (taskType: string, fields: object) => ({
  taskType,
  taskUUID: randomUUID() as string,
  ...fields,
});

async function result(taskType: string, fields: object): Promise<Record<string, unknown>> {
  const sent = task(taskType, fields);
  line.say(sent);
  const [item = {}] = await line.items(sent.taskUUID);
  return item;
}

async function refusal(taskType: string, fields: object): Promise<Record<string, unknown>> {
  line.say(task(taskType, fields));
  return line.error();
}

const fetched = async (url: unknown) => ask(runware.port, String(url), { method: 'GET' });

const png = PNG.sync.write(new PNG({ width: 40, height: 30, fill: true })).toString('base64');
const inputs = { image: `data:image/png;base64,${png}` };

it('answers a text from its last message, cut where asked', async () => {
  const settings = { systemPrompt: 'Be brief', maxTokens: 5 };
  const sent = text('Second question', { settings, includeUsage: true });
  sent.messages.unshift({ role: 'user', content: 'First' }, { role: 'assistant', content: 'Yes' });
  const item = await result('textInference', sent);
  expect(item).toMatchObject({ finishReason: 'length', usage: { promptTokens: 4, completionTokens: 5 } });
  const whole = await result('textInference', text('Second question'));
  expect(whole.text).toContain('“Second question”');
  expect((await result('textInference', text('Second question'))).text).toBe(whole.text);
});

it('refuses a conversation that does not end with the user', async () => {
  const messages = [{ role: 'assistant', content: 'Well?' }];
  expect(await refusal('textInference', text('', { messages }))).toMatchObject({ parameter: 'messages' });
});

it('streams no text over a socket', async () => {
  const refused = await refusal('textInference', text('Hi', { deliveryMethod: 'stream' }));
  expect(refused).toMatchObject({ parameter: 'deliveryMethod' });
});

it('captions an image', async () => {
  const item = await result('caption', { model: 'runware:152@2', inputs });
  expect(item.text).toContain('40 by 30');
});

it('upscales an image, naming it as its input was named', async () => {
  const asked = { model: 'runware:504@1', upscaleFactor: 4, outputFormat: 'PNG' };
  const media = await result('upscale', { ...asked, inputs });
  const { width, height } = PNG.sync.read((await fetched(media.mediaURL)).bytes);
  expect([width, height]).toEqual([160, 120]);
  const old = await result('upscale', { model: 'runware:504@1', inputImage: png });
  expect(jpeg.decode((await fetched(old.imageURL)).bytes).width).toBe(80);
});

it('cuts out the background with real alpha', async () => {
  const item = await result('removeBackground', { model: 'runware:109@1', inputs, outputType: 'base64Data' });
  const { data, width } = PNG.sync.read(Buffer.from(String(item.imageBase64Data), 'base64'));
  expect([data[3], data[(15 * width + 20) * 4 + 3]]).toEqual([0, 255]);
});

it('makes a mask with a detection', async () => {
  const item = await result('imageMasking', { model: 'runware:35@1', inputs });
  expect(item.detections).toEqual([{ x_min: 10, y_min: 7, x_max: 30, y_max: 23 }]);
  expect((await fetched(item.maskImageURL)).headers['content-type']).toBe('image/png');
});

it('vectorizes to SVG', async () => {
  const item = await result('vectorize', { model: 'recraft:1@1', inputs });
  const reply = await fetched(item.imageURL);
  expect(reply.headers['content-type']).toBe('image/svg+xml');
  expect(reply.bytes.toString()).toMatch(/^<svg .*width="40" height="30".*<\/svg>$/);
});

it('speaks a WAV, and no MP3', async () => {
  const speech = { text: 'Hello to everyone', voice: 'eve' };
  const item = await result('audioInference', { model: 'xai:tts@0', speech, outputType: 'base64Data' });
  const wav = Buffer.from(String(item.audioBase64Data), 'base64');
  expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 12)).toBe('RIFFWAVE');
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
  const refused = await refusal('audioInference', { model: 'xai:tts@0', speech, outputFormat: 'MP3' });
  expect(refused).toMatchObject({ code: 'unsupportedParameter', parameter: 'outputFormat' });
});

it('makes videos asynchronously only', async () => {
  const asked = { model: 'google:3@3', positivePrompt: 'waves' };
  expect(await refusal('videoInference', { ...asked, deliveryMethod: 'sync' })).toMatchObject({
    parameter: 'deliveryMethod',
  });
  const { taskUUID, ...ack } = await result('videoInference', asked);
  expect(ack).toEqual({ taskType: 'videoInference' });
  const done = () => line.known(String(taskUUID)).find(item => item.status === 'success');
  const video = await within(10_000, () => {
    if (!done()) line.say({ taskType: 'getResponse', taskUUID });
    return done();
  });
  const reply = await fetched(video.videoURL);
  expect([reply.headers['content-type'], reply.bytes.toString('latin1', 4, 8)]).toEqual([
    'video/mp4',
    'ftyp',
  ]);
});

it('stores media, uses them and deletes them', async () => {
  const { mediaUUID, mediaURL } = await result('mediaStorage', { operation: 'upload', media: png });
  expect((await fetched(mediaURL)).status).toBe(200);
  const caption = await result('caption', { model: 'runware:152@2', inputs: { image: mediaUUID } });
  expect(caption.text).toContain('40 by 30');
  await result('mediaStorage', { operation: 'delete', media: mediaUUID });
  expect((await fetched(mediaURL)).status).toBe(404);
  const refused = await refusal('mediaStorage', { operation: 'delete', media: mediaUUID });
  expect(refused).toMatchObject({ code: 'mediaNotFound' });
});

it('finds models', async () => {
  const found = await result('modelSearch', { search: 'klein', limit: 1, offset: 1 });
  expect(found).toMatchObject({ totalResults: 2, results: [{ air: 'runware:400@4' }] });
});

it('tells the balance in both forms, with more than a client should keep', async () => {
  runware.setBalance(demoKey, 7.5);
  const details = await result('accountManagement', { operation: 'getDetails' });
  expect(details.balance).toBe(7.5);
  expect(JSON.stringify(details)).toMatch(/@example\.com.*demo\*\*\*\*cdef/);
  expect(JSON.stringify(details)).not.toContain(demoKey);
  runware.switches.balanceForm = 'object';
  const { balance } = await result('accountManagement', { operation: 'getDetails' });
  expect(balance).toEqual({ amount: 7.5, freeBalance: 0, currency: 'USD' });
  expect(runware.ledger.count()).toBe(0);
});

it('enhances prompts within their limits', async () => {
  const asked = { prompt: 'a quiet harbour', promptMaxLength: 12, promptVersions: 3 };
  const sent = task('promptEnhance', asked);
  line.say(sent);
  const versions = (await line.items(sent.taskUUID, 3)).map(item => String(item.text));
  for (const version of versions) expect(version.split(' ').length).toBeLessThanOrEqual(12);
  expect(await refusal('promptEnhance', { ...asked, promptVersions: 6 })).toMatchObject({ min: 1, max: 5 });
});

it('refuses a ttl under a minute', async () => {
  const refused = await refusal('vectorize', { model: 'recraft:1@1', inputs, ttl: 5 });
  expect(refused).toMatchObject({ parameter: 'ttl', min: 60 });
});
