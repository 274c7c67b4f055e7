// What the official SDK gets from the server at argv[2] with the key in argv[3], as JSON on stdout.
import process from 'node:process';
import { Runware } from '@runware/sdk-js';

const [, , url, apiKey] = process.argv;

/** What a call was rejected with, as plain data. */
async function rejection(call) {
  try {
    return { unexpected: await call() };
  } catch (reason) {
    return reason instanceof Error ? { message: reason.message } : reason;
  }
}

const model = 'runware:100@1';
const runware = new Runware({ apiKey, url });
const size = { width: 128, height: 128 };

const [byUrl, byBytes, text, enhanced, video, refused, badKey] = await Promise.all([
  runware.requestImages({
    positivePrompt: 'a ship',
    model,
    width: 256,
    height: 192,
    seed: 11,
    includeCost: true,
  }),
  runware.requestImages({
    positivePrompt: 'three ships',
    model,
    ...size,
    seed: 21,
    numberResults: 3,
    outputType: 'base64Data',
    outputFormat: 'PNG',
  }),
  runware.textInference({
    model: 'google:gemma@4-31b',
    messages: [{ role: 'user', content: 'Tell me something' }],
    includeUsage: true,
  }),
  runware.enhancePrompt({ prompt: 'a quiet harbour', promptMaxLength: 64, promptVersions: 2 }),
  runware.videoInference({ model: 'google:3@3', positivePrompt: 'waves', duration: 5 }),
  rejection(() => runware.requestImages({ positivePrompt: 'too small', model, width: 100, height: 128 })),
  rejection(() =>
    new Runware({ apiKey: 'wrong', url }).requestImages({ positivePrompt: 'no', model, ...size }),
  ),
]);

const listed = value => [value].flat();
const seen = { byUrl, byBytes, text: listed(text), enhanced, video: listed(video) };
const failures = { refused: [refused], badKey: [badKey] };
process.stdout.write(JSON.stringify({ ...seen, ...failures }), () => process.exit(0));
