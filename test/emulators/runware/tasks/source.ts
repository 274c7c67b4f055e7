import { at, type Fields } from '../fields';
import { drawPicture } from '../media/picture';
import { decode, type Raster } from '../media/raster';
import { isUuid, type Task } from '../wire';
import type { Desk } from './kind';

const DATA_URI = /^data:[\w/+.-]+;base64,/;

/** The image a task works on: stored media, one of our addresses, a data URI, or bare base64. */
export function checkSource(fields: Fields, desk: Desk): void {
  const name = fields.task.inputImage === undefined ? 'inputs.image' : 'inputImage';
  const value = reference(fields.task);
  if (value === undefined) fields.missing(name, 'string');
  else if (typeof value !== 'string' || value === '')
    fields.wrong(name, 'string', `'${name}' must be a string.`);
  else if (isUuid(value) && !desk.shelf.find(value)) {
    fields.fail({
      code: 'mediaNotFound',
      message: `'${name}' is not stored here.`,
      parameter: name,
      type: 'string',
    });
  } else if (!isUuid(value) && !isRemote(value) && !decode(bytesOf(value))) {
    fields.wrong(name, 'string', `'${name}' must be a PNG or JPG image.`);
  }
}

export function sourceImage(task: Task, desk: Desk): Raster {
  const value = String(reference(task));
  const good = isUuid(value) ? desk.shelf.find(value) : isRemote(value) ? ours(value, desk) : undefined;
  const raster = decode(good?.bytes ?? bytesOf(value));
  // The emulator fetches nothing from outside: a foreign address stands for a picture drawn after it.
  return raster ?? drawPicture({ prompt: value, seed: 1, width: 512, height: 512 });
}

export const bytesOf = (value: string): Buffer => Buffer.from(value.replace(DATA_URI, ''), 'base64');

export const isRemote = (value: string): boolean => /^https?:\/\//.test(value) && URL.canParse(value);

const reference = (task: Task): unknown => task.inputImage ?? at(task, 'inputs.image');

const ours = (url: string, desk: Desk) => desk.shelf.at(new URL(url).pathname);
