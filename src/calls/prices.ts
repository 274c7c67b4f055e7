import { Failure } from '../failure';
import { aboutOf } from '../services/abouts';
import type { Values } from '../services/fields';
import type { Ran, Service, Task } from '../services/service';
import type { Vault } from '../vault/vault';
import type { Journal } from './journal';
import type { Preferences } from './preferences';
import { checked, type Wish } from './wish';

interface Around {
  readonly journal: Journal;
  readonly preferences: Preferences;
  readonly vault: Vault;
  /** Throws `bad-request` for a service that there is none of. */
  readonly serviceOf: (name: string) => Service;
}

/** What calls would cost, by their services' own word. */
export class Prices {
  /** Operations of services that were asked for a price and did not answer in time. */
  private readonly unpriced = new Set<string>();

  constructor(private readonly around: Around) {}

  /**
   * What a call would cost, US dollars; null where the service does not say. Throws what `start` throws of the
   * values, and what the service throws.
   */
  async of(wish: Wish, signal: AbortSignal): Promise<number | null> {
    const { vault, preferences, serviceOf } = this.around;
    const { service } = await vault.keys.entry(wish.key);
    const { values } = checked({ service }, wish);
    const { operation } = wish;
    const task: Task = { id: crypto.randomUUID(), operation, values };
    const asked = `${service}/${operation}`;
    if (this.unpriced.has(asked)) return null;
    const opened = await vault.keys.open(wish.key);
    const price = await Promise.resolve(serviceOf(service).price?.(task, opened, signal)).catch(thrown => {
      // It may be running what it was to price: once is enough.
      if (signal.aborted) this.unpriced.add(asked);
      throw thrown;
    });
    if (price === undefined) return null;
    if (typeof price === 'object') throw await this.ranInstead(wish, service, values, price);
    // Of a private window nothing stays.
    if (!wish.private) await preferences.learn(service, operation, values, price);
    return price;
  }

  /** Counts for its key what was run although only its price was asked for. */
  private async ranInstead(
    { key, operation }: Wish,
    service: string,
    values: Values,
    { charged }: Ran,
  ): Promise<Failure> {
    const { journal, preferences } = this.around;
    await journal.charge(key, charged ?? (await preferences.estimate(service, operation, values)));
    const sum = charged === undefined ? '' : ` ($${Number(charged.toFixed(6))})`;
    return new Failure(
      'service-error',
      `${aboutOf(service).label} ran this task instead of pricing it, and may have charged for it${sum}.`,
      {
        next: 'Look at the service’s usage page. It counts for the key’s daily limit, and Runkey asks for this price no more for now.',
      },
    );
  }
}
