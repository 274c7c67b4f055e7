import { at, type Fields } from '../fields';
import { hash } from '../media/chance';
import { blank, encodeJpg, encodePng, type Raster, scaled } from '../media/raster';
import { numberOf, type Task } from '../wire';
import type { Desk, TaskKind } from './kind';
import { checkOutput, handOut } from './output';
import { checkSource, sourceImage } from './source';

/** Longest side of an upscaled picture here: beyond it encoding takes too long to be of use. */
const LARGEST = 4096;

const checkRetouch = (fields: Fields, desk: Desk): void => {
  fields.model();
  checkSource(fields, desk);
  checkOutput(fields, ['JPG', 'PNG']);
};

/** Results of tasks that take `inputs.image` are called media in newer schemas, image in older ones. */
const prefixOf = (task: Task): string => (task.inputImage === undefined ? 'media' : 'image');

export const upscale: TaskKind = {
  taskType: 'upscale',
  deliveries: ['sync', 'async'],
  check(fields, desk) {
    checkRetouch(fields, desk);
    fields.integer('upscaleFactor', { min: 2, max: 4 });
    if (fields.failures.length > 0) return;
    const { width, height } = sourceImage(fields.task, desk);
    const side = Math.max(width, height) * numberOf(fields.task.upscaleFactor, 2);
    if (side > LARGEST)
      fields.wrong('upscaleFactor', 'integer', `The result would exceed ${LARGEST} pixels.`);
  },
  price: () => 0.002,
  make(task, _index, desk) {
    const source = sourceImage(task, desk);
    const factor = numberOf(task.upscaleFactor, 2);
    const raster = scaled(source, source.width * factor, source.height * factor);
    const png = task.outputFormat === 'PNG';
    const bytes = png ? encodePng(raster) : encodeJpg(raster);
    return handOut(task, prefixOf(task), bytes, png ? 'png' : 'jpg', desk);
  },
};

export const removeBackground: TaskKind = {
  taskType: 'removeBackground',
  deliveries: ['sync', 'async'],
  check(fields, desk) {
    checkRetouch(fields, desk);
    if (fields.task.outputFormat === 'JPG') fields.unsupported('outputFormat', 'JPG has no transparency.');
  },
  price: () => 0.0006,
  make: (task, _index, desk) =>
    handOut(task, 'image', encodePng(cutOut(sourceImage(task, desk))), 'png', desk),
};

export const imageMasking: TaskKind = {
  taskType: 'imageMasking',
  deliveries: ['sync', 'async'],
  check(fields, desk) {
    checkRetouch(fields, desk);
    fields.decimal('settings.confidence', { min: 0, max: 1 });
    fields.integer('settings.maxDetections', { min: 1, max: 20 });
  },
  price: () => 0.0006,
  make(task, _index, desk) {
    const source = sourceImage(task, desk);
    const box = { x_min: source.width >> 2, y_min: source.height >> 2 };
    const detections = [{ ...box, x_max: source.width - box.x_min, y_max: source.height - box.y_min }];
    return { ...handOut(task, 'maskImage', encodePng(mask(source)), 'png', desk), detections };
  },
};

export const caption: TaskKind = {
  taskType: 'caption',
  deliveries: ['sync', 'async'],
  check(fields, desk) {
    fields.model();
    checkSource(fields, desk);
    fields.text('prompt', { min: 1, max: 3000 });
    fields.flag('includeCost');
  },
  price: () => 0.0003,
  make(task, _index, desk) {
    const { width, height, data } = sourceImage(task, desk);
    const mark = hash(data.subarray(0, 4096).toString('latin1')).toString(16);
    const asked = at(task, 'prompt');
    const question = typeof asked === 'string' ? ` You asked: “${asked}”` : '';
    return { text: `The emulator sees an image of ${width} by ${height} pixels (${mark}).${question}` };
  },
};

/** Keeps an ellipse in the middle, fading out at its rim. */
function cutOut(source: Raster): Raster {
  const target = { ...source, data: Buffer.from(source.data) };
  for (let y = 0; y < source.height; y += 1) {
    for (let x = 0; x < source.width; x += 1) {
      target.data[(y * source.width + x) * 4 + 3] = Math.max(
        0,
        Math.min(255, (1 - away(source, x, y)) * 1500),
      );
    }
  }
  return target;
}

/** White where cutOut keeps, black elsewhere. */
function mask(source: Raster): Raster {
  const target = blank(source.width, source.height);
  for (let y = 0; y < source.height; y += 1) {
    for (let x = 0; x < source.width; x += 1) {
      const at = (y * source.width + x) * 4;
      target.data.fill(away(source, x, y) < 1 ? 255 : 0, at, at + 3);
      target.data[at + 3] = 255;
    }
  }
  return target;
}

/** 0 in the middle, 1 at the rim of the ellipse. */
const away = ({ width, height }: Raster, x: number, y: number): number =>
  ((x - width / 2) / (width * 0.4)) ** 2 + ((y - height / 2) / (height * 0.4)) ** 2;
