import * as v from 'valibot';
import { utf8 } from '../bytes';
import type { Field } from '../services/about';
import { operationOf } from '../services/abouts';
import type { Values } from '../services/fields';
import { type Database, write } from '../store/database';
import { Order } from '../vault/order';
import { Prompt, type Prompts } from './prompt';
import {
  MoneySettings,
  Retention,
  SelectionSettings,
  USUAL_MONEY,
  USUAL_RETENTION,
  USUAL_SELECTION,
} from './settings';
import { shippedPrompts } from './shipped-prompts';

/** How many prices are remembered. */
const PRICES = 300;
/** How many sites are remembered on which the bubble was offered. */
const OFFERS = 500;

/** By fingerprint, US dollars, the latest learnt last. */
const Prices = v.array(v.tuple([v.string(), v.number()]));

/**
 * What the person set for calls, and what calls taught of prices. Plain, in IndexedDB: no secrets, and they guard
 * money. What is damaged is as good as never set.
 */
export class Preferences {
  /** What was read or written, by name: nobody else writes it, but for the erasing of everything. */
  private readonly known = new Map<string, Promise<unknown>>();

  /** What reads a setting and writes it anew comes one after the other. */
  private readonly order = new Order();

  constructor(private readonly database: Database) {}

  async money(): Promise<MoneySettings> {
    return (await this.read('money', MoneySettings)) ?? USUAL_MONEY;
  }

  /** Throws `storage-full`. */
  setMoney(money: MoneySettings): Promise<void> {
    return this.put('money', money);
  }

  /** What is damaged deletes nothing. */
  async retention(): Promise<Retention> {
    const stored = await this.stored('retention').catch(() => null);
    if (stored === undefined) return USUAL_RETENTION;
    return v.is(Retention, stored) ? stored : { days: null };
  }

  /** Throws `storage-full`. */
  setRetention(retention: Retention): Promise<void> {
    return this.put('retention', retention);
  }

  /** The saved prompts, in their order. One that is damaged is left out, and the others stay. */
  async prompts(): Promise<readonly Prompt[]> {
    const stored = await this.stored('prompts').catch(() => undefined);
    return Array.isArray(stored) ? stored.filter(one => v.is(Prompt, one)) : shippedPrompts;
  }

  /** Throws `storage-full`. */
  setPrompts(prompts: v.InferOutput<typeof Prompts>): Promise<void> {
    return this.put('prompts', prompts);
  }

  async selection(): Promise<SelectionSettings> {
    return (await this.read('selection', SelectionSettings)) ?? USUAL_SELECTION;
  }

  /** Throws `storage-full`. */
  setSelection(selection: SelectionSettings): Promise<void> {
    return this.put('selection', selection);
  }

  /** Whether the bubble has never been offered on a site before; from now on it has. Only a hash of the site is kept. */
  offerOnce(site: string): Promise<boolean> {
    return this.order.alone(async () => {
      const offered = (await this.read('offered', v.array(v.string()))) ?? [];
      const hash = await hashOf(site);
      if (offered.includes(hash)) return false;
      await this.put('offered', [...offered, hash].slice(-OFFERS), 'relaxed').catch(() => {});
      return true;
    });
  }

  /** What a call may be expected to cost, US dollars: what one with the same settings cost, or what is usual. */
  async estimate(service: string, operation: string, values: Values): Promise<number> {
    const { price } = operationOf(service, operation);
    if (!price) return 0;
    const known = (await this.prices()).get(await fingerprintOf(service, operation, values));
    return known ?? price.typical * Number((price.each && values[price.each]) || 1);
  }

  /**
   * Remembers what a call cost, or would. Nothing is no price: it would open the daily limit. A price that cannot
   * be kept is none that must be.
   */
  async learn(service: string, operation: string, values: Values, dollars: number): Promise<void> {
    if (dollars <= 0) return;
    await this.order.alone(async () => {
      const prices = await this.prices();
      const name = await fingerprintOf(service, operation, values);
      if (prices.get(name) === dollars) return;
      prices.delete(name);
      prices.set(name, dollars);
      for (const oldest of [...prices.keys()].slice(0, -PRICES)) prices.delete(oldest);
      await this.put('prices', [...prices], 'relaxed').catch(() => {});
    });
  }

  /** Everything was erased: nothing that is known of it holds any more. */
  forget(): void {
    this.known.clear();
  }

  private async prices(): Promise<Map<string, number>> {
    return new Map(await this.read('prices', Prices));
  }

  private async read<S extends v.GenericSchema>(
    name: string,
    schema: S,
  ): Promise<v.InferOutput<S> | undefined> {
    const stored = await this.stored(name).catch(() => undefined);
    return v.is(schema, stored) ? stored : undefined;
  }

  /** Read once; what could not be is read anew by whoever asks next. */
  private stored(name: string): Promise<unknown> {
    const known = this.known.get(name);
    if (known) return known;
    const reading = this.database.get('settings', name);
    this.known.set(name, reading);
    reading.catch(() => this.known.delete(name));
    return reading;
  }

  private async put(
    name: string,
    value: unknown,
    durability: 'strict' | 'relaxed' = 'strict',
  ): Promise<void> {
    await write(
      this.database,
      ['settings'],
      transaction => transaction.objectStore('settings').put(value, name),
      durability,
    );
    this.known.set(name, Promise.resolve(value));
  }
}

/**
 * What a price depends on: the task and its settings, not what it is about, but for how long that is (within a
 * factor of two). Only a hash is kept of it.
 */
async function fingerprintOf(service: string, operation: string, values: Values): Promise<string> {
  const settings = operationOf(service, operation).fields.flatMap(({ name, kind }) =>
    kind === 'image' || name === 'seed' ? [] : [[name, ofPrice(kind, values[name] ?? '')]],
  );
  return hashOf(JSON.stringify([service, operation, settings]));
}

async function hashOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));
  return [...hash.subarray(0, 12)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

const ofPrice = (kind: Field['kind'], value: string): string =>
  kind === 'long-text' ? String(Math.ceil(Math.log2(value.length + 1))) : value;
