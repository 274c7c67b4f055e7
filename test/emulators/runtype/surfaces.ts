import {
  type Answer,
  type Ask,
  type Fields,
  isObject,
  mediaType,
  parsed,
  type Reply,
} from '../loopback/wire';
import { type Capability, slugOf } from './capabilities';
import type { Key } from './keys';
import { type Address, addressOf, named, type Product, slugged } from './product';
import { badKey, noPermission, refusal } from './refusals';
import { run } from './run';
import { specOf } from './spec';

/** What a call turns out to be, as far as it can be told. */
interface Call {
  readonly ask: Ask;
  readonly product: Product;
  readonly address: Address | undefined;
  readonly key: Key | undefined;
  readonly body: Body;
  readonly capability: Capability | undefined;
}

/** One call of a surface's API: a capability, `dispatch`, or the specification. */
export function answerCall(ask: Ask, product: Product): Reply | Promise<Reply> {
  const { switches, keys } = product;
  const [address, key] = [addressOf(ask), keys.in(ask)];
  if (address?.last === switches.specAt && ask.method === 'GET') {
    const allowed = switches.specFor === 'everyone' || key?.surface === address.surface;
    return allowed ? specOf(product.capabilities, address.below, switches) : badKey(switches);
  }
  const body = bodyIn(ask, product);
  const capability = address && capabilityOf(address, body, product);
  const call = { ask, product, address, key, body, capability };
  const checks = switches.checkFirst === 'key' ? [flawOfKey, flawOfPath] : [flawOfPath, flawOfKey];
  for (const check of checks) {
    const flaw = check(call);
    if (flaw) return flaw;
  }
  return checkedRun(call);
}

function flawOfKey({ product, address, key, capability }: Call): Answer | undefined {
  if (!key) return badKey(product.switches);
  if (!address) return undefined;
  const scoped = key.scopes && !key.scopes.includes(capability ? slugOf(capability) : address.last);
  return key.surface !== address.surface || scoped ? noPermission() : undefined;
}

function flawOfPath({ ask, product, address, body, capability }: Call): Answer | undefined {
  const { switches, paused } = product;
  if (!address) return refusal(404, 'Surface not found', switches);
  if (ask.method !== 'POST') return refusal(405, 'Method not allowed', switches);
  if (address.last === 'dispatch') {
    if ('wrong' in body) return body.wrong;
    if (typeof body.fields.capability !== 'string') return refusal(400, 'capability is required', switches);
  }
  if (!capability) return refusal(404, 'Capability not found', switches);
  if (paused.has(address.surface)) return refusal(switches.pausedStatus, 'This surface is paused', switches);
  return undefined;
}

function checkedRun({ ask, product, address, key, body, capability }: Call): Answer | Promise<Reply> {
  const { switches } = product;
  if ('wrong' in body) return body.wrong;
  if (!key || !capability) return badKey(switches);
  const input = inputIn(body.fields, address?.last === 'dispatch');
  if (!input) return refusal(400, 'input must be an object', switches);
  const missing = capability.required.find(field => input[field] === undefined);
  if (missing) return refusal(400, `Missing required input: ${missing}`, switches);
  return run(capability, { input, options: body.fields.options, ask, key, product });
}

const capabilityOf = ({ last }: Address, body: Body, product: Product): Capability | undefined =>
  last === 'dispatch'
    ? named('fields' in body ? body.fields.capability : undefined, product)
    : slugged(last, product);

type Body = { readonly fields: Fields } | { readonly wrong: Answer };

function bodyIn(ask: Ask, { switches }: Product): Body {
  const wrong = (sentence: string) => ({ wrong: refusal(400, sentence, switches) });
  if (mediaType(ask) !== 'application/json') return wrong('Content-Type must be application/json');
  const fields = parsed(ask.body);
  if (fields === undefined) return wrong('Invalid JSON in request body');
  return isObject(fields) ? { fields } : wrong('Request body must be a JSON object');
}

/** Of a capability's own address the whole body is the input, but for `options`; `dispatch` has it in `input`. */
function inputIn(fields: Fields, dispatched: boolean): Fields | undefined {
  if (dispatched) return isObject(fields.input) ? fields.input : undefined;
  const { options: _, ...input } = fields;
  return input;
}
