import { at } from '../fields';
import { hash } from '../media/chance';
import { emptyClip } from '../media/clip';
import { speakTone } from '../media/wav';
import { numberOf, type Task, textOf } from '../wire';
import type { TaskKind } from './kind';
import { checkOutput, handOut } from './output';

const spoken = (task: Task): string => textOf(at(task, 'speech.text') ?? task.positivePrompt);

export const audioInference: TaskKind = {
  taskType: 'audioInference',
  deliveries: ['sync', 'async'],
  check(fields) {
    fields.model();
    const speaks = fields.task.speech !== undefined;
    fields.text(speaks ? 'speech.text' : 'positivePrompt', { required: true, min: 2, max: 10_000 });
    fields.text('speech.voice');
    fields.decimal('duration', { min: 1, max: 300 });
    fields.integer('numberResults', { min: 1, max: 3 });
    checkOutput(fields, ['WAV']);
  },
  count: task => numberOf(task.numberResults, 1),
  price: task => 0.00002 * spoken(task).length,
  make: (task, _index, desk) =>
    handOut(task, 'audio', speakTone(spoken(task), numberOf(task.duration, 1)), 'wav', desk),
};

export const videoInference: TaskKind = {
  taskType: 'videoInference',
  deliveries: ['async'],
  check(fields) {
    fields.model();
    fields.text('positivePrompt', { required: true, min: 2, max: 3000 });
    fields.integer('width', { min: 256, max: 1920 });
    fields.integer('height', { min: 256, max: 1920 });
    fields.decimal('duration', { min: 1, max: 10 });
    fields.integer('fps', { min: 15, max: 60 });
    fields.integer('seed', { min: 1, max: 2 ** 63 });
    fields.integer('numberResults', { min: 1, max: 4 });
    if (fields.task.outputType !== undefined) fields.choice('outputType', ['URL']);
    checkOutput(fields, ['MP4']);
  },
  count: task => numberOf(task.numberResults, 1),
  price: task => 0.05 * numberOf(task.duration, 5),
  make(task, index, desk) {
    const prompt = textOf(task.positivePrompt);
    const seed = numberOf(task.seed, 1 + (hash(textOf(task.taskUUID)) % 0xffff_0000)) + index;
    const clip = emptyClip(`The emulator's clip for: ${prompt}`, numberOf(task.duration, 5));
    return { ...handOut(task, 'video', clip, 'mp4', desk), seed };
  },
};
