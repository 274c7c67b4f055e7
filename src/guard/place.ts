import type { About, Field } from '../services/about';
import { check } from '../services/fields';
import type { Clue } from './clue';
import { type Environment, environmentOf, tellsOfSecret, withoutPrefix, wordsOf } from './names';
import { isPlaceholder } from './placeholder';
import { type Shape, shapeOf } from './shapes';
import { addressField, fieldNamed, onlySecret, serviceAt, serviceOfClue, withoutService } from './whose';

/** A value in the key field that it belongs to. */
export interface Placed {
  readonly about: About;
  readonly field: Field;
  readonly value: string;
  readonly environment?: Environment;
  /** Words of its name that say neither service, field nor environment. */
  readonly tag: string;
}

export type Placing = { readonly placed: Placed } | { readonly why: string } | undefined;

/** Where a value belongs, or why nowhere. Nothing at all for a quiet one that is no credential. */
export function place(clue: Clue, abouts: readonly About[], chosen: About | undefined): Placing {
  if (clue.kind === 'address') return placeAddress(clue, abouts, chosen);
  const value = clue.value.trim().replace(/^bearer\s+/i, '');
  const own = withoutPrefix(clue.names.at(-1) ?? '');
  const words = wordsOf(own);
  const byName = serviceOfClue(clue, abouts);
  const unasked = clue.quiet && !tellsOfSecret(words);
  const shape = shapeOf(value);
  if (isPlaceholder(value)) {
    return unasked ? undefined : { why: 'is a placeholder: paste the key itself in its place.' };
  }
  if (shape?.care === 'public')
    return { why: `${shape.what}, which is public by design: there is nothing to keep.` };
  const about = shape?.service ? abouts.find(({ name }) => name === shape.service) : byName;
  if (shape?.service && !about) return { why: foreign(shape) };
  const mine = about ?? (mayBeOf(chosen, clue, words) ? chosen : undefined);
  if (!mine) {
    if (shape) return { why: foreign(shape) };
    if (clue.kind === 'bare')
      return { why: 'does not show which service it is for: choose the service, then paste it again.' };
    if (unasked) return undefined;
    if (clue.names.length === 1 && !clue.around && abouts.some(each => isPlainFieldName(words, each)))
      return { why: 'does not say which service it is for: choose the service, then paste it again.' };
    return { why: 'belongs to no service that Runkey knows.' };
  }
  const meaning = meaningOf(words, mine, shape);
  if (!meaning.field) {
    if (unasked) return undefined;
    if (clue.kind === 'bare')
      return { why: `${mine.label} has several fields for it: paste it into the right one.` };
    return { why: `${mine.label} has no key field of that name.` };
  }
  const environment = meaning.environment ?? environmentAround(clue);
  return checked(mine, meaning.field, value, meaning.tag, environment);
}

const foreign = ({ what }: Shape): string => `${what}, and Runkey has no such service.`;

/** What is sent to a stranger's address is the chosen service's only if that has addresses of its own. */
function mayBeOf(chosen: About | undefined, { kind, around }: Clue, words: readonly string[]): boolean {
  if (!chosen || (around && around.values.length > 0 && !addressField(chosen))) return false;
  return kind === 'bare' || isPlainFieldName(words, chosen);
}

/** A name that says a field and nothing besides. */
function isPlainFieldName(words: readonly string[], about: About | undefined): boolean {
  if (!about) return false;
  const named = fieldNamed(
    words.filter(word => !environmentOf(word)),
    about,
  );
  return named
    ? named.rest.length === 0
    : words.join() === 'authorization' && onlySecret(about) !== undefined;
}

function meaningOf(words: readonly string[], about: About, shape: Shape | undefined) {
  const own = withoutService(words, about);
  const rest = own.rest.filter(word => word !== 'authorization');
  const environment = rest.map(environmentOf).find(found => found !== undefined);
  const telling = rest.filter(word => !environmentOf(word));
  const named = fieldNamed(telling, about);
  const bySituation =
    (own.proper && telling.every(word => /^\d+$/.test(word))) || shape?.service === about.name;
  const byShape = about.keyFields.find(({ name }) => name === shape?.field) ?? onlySecret(about);
  return {
    field: named?.field ?? (bySituation ? byShape : undefined),
    environment,
    tag: (named?.rest ?? (named ? [] : telling)).join(' '),
  };
}

const environmentAround = ({ names }: Clue): Environment | undefined =>
  names
    .slice(0, -1)
    .reverse()
    .flatMap(wordsOf)
    .map(environmentOf)
    .find(found => found !== undefined);

/** The whole address if the field takes it, else its origin. */
function placeAddress({ value, quiet }: Clue, abouts: readonly About[], chosen: About | undefined): Placing {
  const about = serviceAt(value, abouts) ?? chosen;
  if (!about) {
    return quiet
      ? undefined
      : { why: 'is the address of no service that Runkey knows: choose the service, then paste it again.' };
  }
  const field = addressField(about);
  if (!field)
    return quiet ? undefined : { why: `is an address, and a key of ${about.label} has no field for one.` };
  const whole = checked(about, field, value, '', undefined);
  const origin = value.match(/^[a-z]+:\/\/[^/?#]+/i)?.[0];
  if ('placed' in whole || origin === undefined) return whole;
  const short = checked(about, field, origin, '', undefined);
  return 'placed' in short ? short : whole;
}

function checked(
  about: About,
  field: Field,
  value: string,
  tag: string,
  environment: Environment | undefined,
) {
  const { values, faults } = check([field], { [field.name]: value });
  const good = values[field.name];
  if (good === undefined) return { why: faults[field.name] ?? `${field.label} is empty.` };
  return { placed: { about, field, value: good, tag, ...(environment ? { environment } : {}) } };
}
