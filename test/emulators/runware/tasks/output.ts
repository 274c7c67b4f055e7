import { randomUUID } from 'node:crypto';
import type { Fields } from '../fields';
import { mimeOf } from '../media/shelf';
import { numberOf, type Task } from '../wire';
import type { Desk } from './kind';

export function checkOutput(fields: Fields, formats: readonly string[]): void {
  fields.choice('outputType', ['URL', 'base64Data', 'dataURI']);
  fields.integer('outputQuality', { min: 20, max: 99 });
  fields.integer('ttl', { min: 60 });
  fields.flag('includeCost');
  const { outputFormat } = fields.task;
  if (outputFormat === undefined || formats.some(format => format === outputFormat)) return;
  fields.unsupported(
    'outputFormat',
    `This emulator can make ${formats.join(' or ')} here, not ${String(outputFormat)}.`,
  );
}

/** Hands out bytes under the names of a prefix: imageUUID with imageURL, imageBase64Data or imageDataURI. */
export function handOut(task: Task, prefix: string, bytes: Buffer, extension: string, desk: Desk) {
  const uuid = randomUUID();
  const named = { [`${prefix}UUID`]: uuid };
  const outputType = desk.switches.outputType === 'URL' ? 'URL' : task.outputType;
  if (outputType === 'base64Data') return { ...named, [`${prefix}Base64Data`]: bytes.toString('base64') };
  if (outputType === 'dataURI') {
    return { ...named, [`${prefix}DataURI`]: `data:${mimeOf(extension)};base64,${bytes.toString('base64')}` };
  }
  const ttl = numberOf(task.ttl, Number.POSITIVE_INFINITY);
  return { ...named, [`${prefix}URL`]: desk.shelf.put(bytes, extension, ttl, uuid).url };
}
