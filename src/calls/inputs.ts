import { type Bytes, base64, fromBase64 } from '../bytes';
import type { Field } from '../services/about';
import type { Values } from '../services/fields';
import type { CallRequest } from './call';

const DATA = /^data:(image\/\w+);base64,(.*)$/s;

/** Parts the pictures of a form, which are kept as bytes, from its other values. */
export function parted(
  fields: readonly Field[],
  values: Values,
): { values: Values; inputs: Required<CallRequest>['inputs']; media: Bytes[] } {
  const plain: Values = {};
  const inputs: Required<CallRequest>['inputs'] = {};
  const media: Bytes[] = [];
  for (const [name, value] of Object.entries(values)) {
    const isPicture = fields.some(field => field.name === name && field.kind === 'image');
    const [, type, data] = (isPicture && DATA.exec(value)) || [];
    if (type === undefined || data === undefined) plain[name] = value;
    else inputs[name] = { type, media: media.push(fromBase64(data)) - 1 };
  }
  return { values: plain, inputs, media };
}

/** The whole form again; `medium` gives the bytes at a place. */
export async function joined(
  { values, inputs = {} }: CallRequest,
  medium: (at: number) => Promise<Bytes>,
): Promise<Values> {
  const whole: Values = { ...values };
  for (const [name, { media, type }] of Object.entries(inputs)) {
    whole[name] = `data:${type};base64,${base64(await medium(media))}`;
  }
  return whole;
}
