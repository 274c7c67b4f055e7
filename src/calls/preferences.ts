import * as v from 'valibot';
import { utf8 } from '../bytes';
import { operationOf } from '../services/abouts';
import type { Values } from '../services/fields';
import { type Database, write } from '../store/database';
import { MoneySettings, Retention, USUAL_MONEY, USUAL_RETENTION } from './settings';

/** How many prices are remembered. */
const PRICES = 300;

/** By fingerprint, US dollars, the latest learnt last. */
const Prices = v.array(v.tuple([v.string(), v.number()]));

/**
 * What the person set for calls, and what calls taught of prices. Plain, in IndexedDB: no secrets, and they guard
 * money. What is damaged is as good as never set.
 */
export class Preferences {
  private prices: Map<string, number> | undefined;

  constructor(private readonly database: Database) {}

  async money(): Promise<MoneySettings> {
    return (await this.read('money', MoneySettings)) ?? USUAL_MONEY;
  }

  /** Throws `storage-full`. */
  setMoney(money: MoneySettings): Promise<void> {
    return this.put('money', money);
  }

  async retention(): Promise<Retention> {
    return (await this.read('retention', Retention)) ?? USUAL_RETENTION;
  }

  /** Throws `storage-full`. */
  setRetention(retention: Retention): Promise<void> {
    return this.put('retention', retention);
  }

  /** What a call may be expected to cost, US dollars: what one with the same settings cost, or what is usual. */
  async estimate(service: string, operation: string, values: Values): Promise<number> {
    const { price } = operationOf(service, operation);
    if (!price) return 0;
    const known = (await this.known()).get(await fingerprintOf(service, operation, values));
    return known ?? price.typical * Number((price.each && values[price.each]) || 1);
  }

  /** Remembers what a call cost, or would. A price that cannot be kept is none that must be. */
  async learn(service: string, operation: string, values: Values, dollars: number): Promise<void> {
    const prices = await this.known();
    const name = await fingerprintOf(service, operation, values);
    if (prices.get(name) === dollars) return;
    prices.delete(name);
    prices.set(name, dollars);
    for (const oldest of [...prices.keys()].slice(0, -PRICES)) prices.delete(oldest);
    await this.put('prices', [...prices], 'relaxed').catch(() => {});
  }

  private async known(): Promise<Map<string, number>> {
    this.prices ??= new Map(await this.read('prices', Prices));
    return this.prices;
  }

  private async read<S extends v.GenericSchema>(
    name: string,
    schema: S,
  ): Promise<v.InferOutput<S> | undefined> {
    const stored = await this.database.get('settings', name).catch(() => undefined);
    return v.is(schema, stored) ? stored : undefined;
  }

  private put(name: string, value: unknown, durability: 'strict' | 'relaxed' = 'strict'): Promise<void> {
    return write(
      this.database,
      ['settings'],
      transaction => transaction.objectStore('settings').put(value, name),
      durability,
    );
  }
}

/** What a price depends on: the task and its settings, not what it is about. Only a hash is kept of it. */
async function fingerprintOf(service: string, operation: string, values: Values): Promise<string> {
  const settings = operationOf(service, operation).fields.flatMap(({ name, kind }) =>
    kind === 'long-text' || kind === 'image' || name === 'seed' ? [] : [[name, values[name] ?? '']],
  );
  const text = JSON.stringify([service, operation, settings]);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));
  return [...hash.subarray(0, 12)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
