import { at } from '../fields';
import { hash } from '../media/chance';
import { drawPicture, type PictureOrder } from '../media/picture';
import { encodeJpg, encodePng } from '../media/raster';
import { numberOf, type Task, textOf } from '../wire';
import type { TaskKind } from './kind';
import { checkOutput, handOut } from './output';

export const imageInference: TaskKind = {
  taskType: 'imageInference',
  deliveries: ['sync', 'async'],
  check(fields) {
    fields.model();
    fields.text('positivePrompt', { required: true, min: 2, max: 3000 });
    fields.text('negativePrompt', { min: 2, max: 3000 });
    fields.integer('width', { required: true, min: 128, max: 2048, multiplier: 64 });
    fields.integer('height', { required: true, min: 128, max: 2048, multiplier: 64 });
    fields.integer('steps', { min: 1, max: 100 });
    fields.decimal('CFGScale', { min: 0, max: 50 });
    fields.decimal('strength', { min: 0, max: 1 });
    fields.integer('seed', { min: 1, max: 2 ** 63 });
    fields.integer('numberResults', { min: 1, max: 20 });
    checkOutput(fields, ['JPG', 'PNG']);
  },
  count: task => numberOf(task.numberResults, 1),
  // The measured price of the cheapest models at 512 by 512, growing with the picture.
  price: task => 0.0006 * Math.max(1, (numberOf(task.width, 512) * numberOf(task.height, 512)) / 512 ** 2),
  make(task, index, desk) {
    const seed = numberOf(task.seed, 1 + (hash(textOf(task.taskUUID)) % 0xffff_0000)) + index;
    const order = {
      prompt: textOf(task.positivePrompt),
      seed,
      width: numberOf(task.width, 512),
      height: numberOf(task.height, 512),
    };
    const png = task.outputFormat === 'PNG';
    const bytes = drawn(order, png, numberOf(task.outputQuality, 95));
    return {
      ...handOut(task, 'image', bytes, png ? 'png' : 'jpg', desk),
      seed,
      ...(checksContent(task) && { NSFWContent: /\bnsfw\b/i.test(order.prompt) }),
    };
  },
};

const checksContent = (task: Task): boolean =>
  task.checkNSFW === true || at(task, 'safety.checkContent') === true;

const RECENT = 24;
const recent = new Map<string, Buffer>();

/** Encoding a large JPG takes a tenth of a second, so the last few pictures are kept. */
function drawn(order: PictureOrder, png: boolean, quality: number): Buffer {
  const name = JSON.stringify([order, png || quality]);
  const known = recent.get(name);
  if (known) return known;
  const raster = drawPicture(order);
  const bytes = png ? encodePng(raster) : encodeJpg(raster, quality);
  const [oldest] = recent.keys();
  if (recent.size >= RECENT && oldest !== undefined) recent.delete(oldest);
  recent.set(name, bytes);
  return bytes;
}
