import { isFailure, reportOf } from '../failure';
import type { BodyOf, Health, PageAsks } from '../messages/contract';
import type { Verdict } from '../services/service';
import { serviceOf } from '../services/services';
import type { OpenedKey } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { within } from './within';

type Body<N extends keyof PageAsks> = BodyOf<PageAsks, N>;

/** How long a service may take to say how a key stands, ms. */
const LIMIT = 20_000;

/** How each key stands with its service, as far as was learnt since the vault was unlocked, and the handler that says it. */
export function healthHandlers(ready: () => Promise<Vault>) {
  const known = new Map<string, Health>();
  let watched = false;

  /** Takes in what a test of a key said, so that its service need not be asked the same at once again. */
  const learn = ({ id, service }: Pick<OpenedKey, 'id' | 'service'>, verdict: Verdict): void => {
    // Of one that has a balance there is more to ask.
    if (!serviceOf(service).balance) known.set(id, { at: Date.now(), verdict });
  };

  const handlers = {
    'keys.health': async ({ id, maxAge }: Body<'keys.health'>): Promise<Health> => {
      const vault = await ready();
      if (!watched) vault.onLock(() => known.clear());
      watched = true;
      const { changed } = await vault.keys.entry(id);
      const last = known.get(id);
      if (last && last.at > changed && Date.now() - last.at <= maxAge) return last;
      const health = await healthOf(await vault.keys.open(id));
      if (vault.isOpen) known.set(id, health);
      return health;
    },
  };
  return { handlers, learn };
}

async function healthOf(key: OpenedKey): Promise<Health> {
  const service = serviceOf(key.service);
  const at = Date.now();
  try {
    const { balance: ask } = service;
    const balance = ask && (await within(LIMIT, signal => ask(key, signal)));
    if (balance !== undefined) return { at, verdict: { outcome: 'works' }, balance };
  } catch (thrown) {
    // A key may work and still not be allowed to look at the account.
    if (!isFailure(thrown, 'rejected-key')) return { at, verdict: couldNotTell(thrown) };
  }
  return { at, verdict: await within(LIMIT, signal => service.verify(key, signal)).catch(couldNotTell) };
}

const couldNotTell = (thrown: unknown): Verdict => ({
  outcome: 'could-not-tell',
  failure: reportOf(thrown),
});
