import { createHash } from 'node:crypto';
import { initialValues } from '../../src/services/fields';
import { tasks } from '../../src/services/runware/tasks';
import { Accounts } from '../emulators/runware/accounts';
import { at } from '../emulators/runware/fields';
import { drawPicture } from '../emulators/runware/media/picture';
import { encodePng } from '../emulators/runware/media/raster';
import { Shelf } from '../emulators/runware/media/shelf';
import { defaultSwitches } from '../emulators/runware/options';
import { taskKinds } from '../emulators/runware/tasks';
import type { Desk } from '../emulators/runware/tasks/kind';
import type { Task } from '../emulators/runware/wire';
import type { Operation, PlannedCall } from './plan';
import { WORD } from './plan';

/** What a call is to get, known before it is made: the emulator gives the same answer to the same question. */

export const digestOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

const TAKES_PICTURE: readonly Operation[] = ['caption', 'upscale'];

/** The picture that belongs to a word, as a data URI. */
export function pictureOf(word: string): string {
  const bytes = encodePng(drawPicture({ prompt: word, seed: 1, width: 128, height: 128 }));
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

/** All that its form holds when it is run. */
export function valuesOf({ operation, values, word }: PlannedCall): Record<string, string> {
  const fields = tasks.find(({ name }) => name === operation)?.fields ?? [];
  const picture = TAKES_PICTURE.includes(operation) ? { picture: pictureOf(word) } : {};
  return { ...initialValues(fields), ...values, ...picture };
}

/** The digests of all its items. */
export function digestsOf(call: PlannedCall): string[] {
  const task = taskOf(call.operation, valuesOf(call));
  const kind = taskKinds.get(String(task.taskType));
  if (!kind) throw new Error(`The emulator has no ${task.taskType}.`);
  return Array.from({ length: kind.count?.(task) ?? 1 }, (_, index) => {
    const item = kind.make({ ...task, outputType: 'base64Data' }, index, desk);
    if (typeof item.text === 'string') return digestOf(item.text);
    const [, bytes] = Object.entries(item).find(([name]) => name.endsWith('Base64Data')) ?? [];
    return digestOf(Buffer.from(String(bytes), 'base64'));
  });
}

const account = { apiKey: '', label: '', balance: 0, revoked: false };
const desk: Desk = {
  shelf: new Shelf(defaultSwitches),
  switches: defaultSwitches,
  account,
  accounts: new Accounts({}),
};

/** In Runware's words, as its documents have them: not by Runkey's own code, which is what is tested. */
function taskOf(operation: Operation, values: Readonly<Record<string, string>>): Task {
  const { prompt, model, picture } = values;
  const [count, seed, duration] = [values.count, values.seed, values.duration].map(Number);
  const size = { width: Number(values.width), height: Number(values.height) };
  switch (operation) {
    case 'image':
      return {
        taskType: 'imageInference',
        positivePrompt: prompt,
        ...size,
        seed,
        numberResults: count,
        outputFormat: values.format,
      };
    case 'text':
      return {
        taskType: 'textInference',
        model,
        messages: [{ role: 'user', content: prompt }],
        settings: { maxTokens: Number(values.maxTokens) },
      };
    case 'enhance':
      return {
        taskType: 'promptEnhance',
        prompt,
        promptMaxLength: Number(values.length),
        promptVersions: count,
      };
    case 'caption':
      return { taskType: 'caption', prompt, inputs: { image: picture } };
    case 'upscale':
      return {
        taskType: 'upscale',
        inputs: { image: picture },
        upscaleFactor: Number(values.factor),
        outputFormat: values.format,
      };
    case 'speech':
      return { taskType: 'audioInference', speech: { text: prompt } };
    case 'sound':
      return { taskType: 'audioInference', positivePrompt: prompt, duration, numberResults: count };
    case 'video':
      return { taskType: 'videoInference', positivePrompt: prompt, duration, seed, numberResults: count };
  }
}

/** Tells whose a task of the emulator is: by the word in its prompt, or by its picture. */
export function ownersOf(calls: readonly PlannedCall[]): (task: Task) => string | undefined {
  const byPicture = new Map(
    calls
      .filter(({ operation }) => TAKES_PICTURE.includes(operation))
      .map(({ word }) => [bare(pictureOf(word)), word]),
  );
  return task => {
    const picture = at(task, 'inputs.image');
    const { inputs: _, ...words } = task;
    const [word] = WORD.exec(JSON.stringify(words)) ?? [];
    return word ?? (typeof picture === 'string' ? byPicture.get(bare(picture)) : undefined);
  };
}

const bare = (picture: string): string => picture.replace(/^data:[^,]*,/, '');
