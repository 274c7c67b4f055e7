import type { Faults } from '../loopback/faults';
import type { Assets } from './assets';
import type { Call } from './call';
import type { UseapiFault } from './faults';
import type { Ledger } from './ledger';
import type { Shelf } from './media';
import type { Switches } from './options';
import type { Secrets } from './secrets';
import type { Subscriber, Subscribers } from './subscribers';
import type { Tasks } from './tasks';

/** All that an answer may depend on. */
export interface World {
  readonly switches: Switches;
  readonly subscribers: Subscribers;
  readonly tasks: Tasks;
  readonly assets: Assets;
  readonly shelf: Shelf;
  readonly ledger: Ledger;
  readonly faults: Faults<UseapiFault>;
  readonly secrets: Secrets;
}

/** A call whose token is good. */
export interface Visit {
  readonly call: Call;
  readonly subscriber: Subscriber;
  readonly world: World;
}
