import type { Values } from '../services/fields';
import type { Found } from './paste';
import type { Placed } from './place';

export interface Standing extends Placed {
  readonly where: string;
  /** Tells the objects of a list apart. */
  readonly scope: string;
  /** Whether its tag may be shown. */
  readonly nameable: boolean;
}

interface Key {
  readonly first: Standing;
  readonly values: Map<string, string>;
  readonly where: string[];
  secret: boolean;
}

/** Values as keys: those that fill different fields become one, those that fill the same field several. */
export function gather(standings: readonly Standing[]): readonly Found[] {
  const keys: Key[] = [];
  for (const one of standings) {
    const key = keys.findLast(key => isOf(key, one) && takes(key, one));
    if (key) put(key, one);
    else keys.push(put({ first: one, values: new Map(), where: [], secret: false }, one));
  }
  return distinct(shared(keys)).map(foundOf);
}

const isOf = ({ first }: Key, one: Standing): boolean =>
  first.about.name === one.about.name &&
  first.environment === one.environment &&
  first.tag === one.tag &&
  first.scope === one.scope;

const takes = ({ values }: Key, { field, value }: Standing): boolean =>
  !values.has(field.name) || values.get(field.name) === value;

function put(key: Key, { field, value, where }: Standing): Key {
  if (!key.values.has(field.name)) key.where.push(where);
  key.values.set(field.name, value);
  key.secret ||= field.kind === 'secret';
  return key;
}

/** What was said once, without a secret and for no environment, belongs to every key that lacks it. */
function shared(keys: readonly Key[]): readonly Key[] {
  const common = keys.filter(({ secret, first }) => !secret && first.environment === undefined);
  const used = new Set<Key>();
  for (const key of keys.filter(({ secret }) => secret)) {
    for (const extra of common.filter(each => isAround(each, key))) {
      const lacking = [...extra.values.keys()].every(name => !key.values.has(name));
      if (!lacking) continue;
      for (const [name, value] of extra.values) key.values.set(name, value);
      key.where.unshift(...extra.where);
      used.add(extra);
    }
  }
  return keys.filter(key => !used.has(key));
}

/** In a list, an object's values belong to what is in it and not to its neighbours. */
const isAround = ({ first }: Key, key: Key): boolean =>
  first.about.name === key.first.about.name && `${key.first.scope}/`.startsWith(`${first.scope}/`);

/** Without the keys that another one holds already. */
function distinct(keys: readonly Key[]): readonly Key[] {
  return keys.filter(
    (key, index) => !keys.some((other, at) => other !== key && holds(other, key, at < index)),
  );
}

function holds(whole: Key, part: Key, earlier: boolean): boolean {
  if (whole.first.about.name !== part.first.about.name) return false;
  if (![...part.values].every(([name, value]) => whole.values.get(name) === value)) return false;
  const more = whole.values.size - part.values.size || telling(whole) - telling(part);
  return more > 0 || (more === 0 && earlier);
}

const telling = ({ first }: Key): number => (first.environment ? 2 : 0) + (first.tag === '' ? 0 : 1);

function foundOf({ first, values, where }: Key): Found {
  const { about, environment, tag, nameable } = first;
  const label = [about.label, nameable ? tag : '', environment].filter(part => part).join(' ');
  return {
    service: about.name,
    values: Object.fromEntries(values) satisfies Values,
    ...(label === about.label ? {} : { label }),
    ...(environment ? { environment } : {}),
    where: where.join('; '),
  };
}
