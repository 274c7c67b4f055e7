import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoKey, type RunwareEmulator } from '../../emulators/runware';
import { ask, start, tls } from './runware-line';

/** The official SDK, unmodified and in a process of its own, has to find nothing odd about the emulator. */

const program = fileURLToPath(new URL('./runware-sdk.mjs', import.meta.url));

let runware: RunwareEmulator;
let folder: string;
let seen: Record<string, Record<string, unknown>[]>;

beforeAll(async () => {
  runware = await start();
  folder = await mkdtemp(join(tmpdir(), 'runkey-sdk-'));
  await writeFile(join(folder, 'authority.pem'), tls.cert);
  seen = JSON.parse(await runSdk());
}, 30_000);

afterAll(async () => {
  await runware.close();
  await rm(folder, { recursive: true });
});

function runSdk(): Promise<string> {
  const child = spawn(process.execPath, [program, `wss://127.0.0.1:${runware.port}`, demoKey], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [answer, complaint] = ['', ''];
  child.stdout.on('data', text => {
    answer += text;
  });
  child.stderr.on('data', text => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.on('close', code => (code === 0 ? resolve(answer) : reject(new Error(complaint || answer))));
  });
}

it('draws an image and finds it under its address', async () => {
  const [image] = seen.byUrl ?? [];
  expect(image).toMatchObject({ taskType: 'imageInference', seed: 11, cost: expect.any(Number) });
  const { bytes } = await ask(runware.port, String(image?.imageURL), { method: 'GET' });
  const { width, height } = jpeg.decode(bytes);
  expect([width, height]).toEqual([256, 192]);
});

it('draws several images as base64', () => {
  const images = seen.byBytes ?? [];
  expect(images.map(image => image.seed)).toEqual([21, 22, 23]);
  for (const image of images) {
    const { width, height } = PNG.sync.read(Buffer.from(String(image.imageBase64Data), 'base64'));
    expect([width, height]).toEqual([128, 128]);
  }
});

it('answers a text with usage', () => {
  expect(seen.text?.[0]).toMatchObject({ finishReason: 'stop', usage: { promptTokens: 3 } });
  expect(seen.text?.[0]?.text).toContain('Tell me something');
});

it('enhances a prompt in two versions', () => {
  const versions = seen.enhanced?.map(({ text }) => text) ?? [];
  expect(new Set(versions).size).toBe(2);
  for (const version of versions) expect(version).toContain('a quiet harbour');
});

it('polls a video', () => {
  expect(seen.video?.[0]).toMatchObject({ status: 'success', videoURL: expect.stringMatching(/\.mp4$/) });
});

it('hears why a wrong size was refused, and a bad key', () => {
  expect(seen.refused?.[0]).toMatchObject({ error: { code: 'invalidParameter', parameter: 'width' } });
  expect(JSON.stringify(seen.badKey)).toContain('invalidApiKey');
});

it('is billed once for each task', () => {
  const tasks = ['imageInference', 'imageInference', 'textInference', 'promptEnhance', 'videoInference'];
  expect(runware.ledger.entries.map(({ taskType }) => taskType).sort()).toEqual(tasks.sort());
});

it('says who it is', () => {
  expect(runware.traffic[0]?.path).toMatch(/\?sdk=js&version=1\.3\.2$/);
});
