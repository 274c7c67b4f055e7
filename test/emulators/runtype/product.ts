import type { Faults } from '../loopback/faults';
import type { Ask } from '../loopback/wire';
import { type Capability, slugOf } from './capabilities';
import type { RuntypeFault } from './faults';
import type { Keys } from './keys';
import type { Ledger } from './ledger';
import type { Limits } from './limits';
import { demoProduct, demoSurface, otherSurface, type Switches } from './options';

/** The one product there is, with two API surfaces that offer the same. */
export interface Product {
  readonly switches: Switches;
  readonly keys: Keys;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly faults: Faults<RuntypeFault>;
  readonly capabilities: readonly Capability[];
  /** Ids of surfaces. */
  readonly paused: Set<string>;
}

export interface Address {
  /** The path that all of the surface's addresses begin with. */
  readonly below: string;
  readonly surface: string;
  /** What follows `/api/`. */
  readonly last: string;
}

/** Undefined for what belongs to no surface of the product. */
export function addressOf({ path }: Ask): Address | undefined {
  const [, below = '', product, surface = '', last = ''] =
    /^(\/v1\/products\/([^/]+)\/surfaces\/([^/]+))\/api\/([^/]+)$/.exec(path) ?? [];
  const known = product === demoProduct && [demoSurface, otherSurface].includes(surface);
  return known ? { below, surface, last } : undefined;
}

export const slugged = (slug: string, { capabilities }: Product): Capability | undefined =>
  capabilities.find(capability => slugOf(capability) === slug);

/** By what `dispatch` calls it. */
export function named(name: unknown, { capabilities, switches }: Product): Capability | undefined {
  return capabilities.find(capability => {
    const slug = slugOf(capability);
    const names = {
      name: [capability.name],
      slug: [slug],
      any: [capability.name, slug, slug.replaceAll('-', '_')],
    };
    return names[switches.dispatchBy].some(known => known === name);
  });
}
