import { Failure, reportOf } from '../failure';
import type { BodyOf, PageAsks } from '../messages/contract';
import type { About, Field } from '../services/about';
import { aboutOf, originsOf } from '../services/abouts';
import { check, secretFields, type Values } from '../services/fields';
import type { Verdict } from '../services/service';
import { serviceOf } from '../services/services';
import type { OpenedKey } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { within } from './within';

type Body<N extends keyof PageAsks> = BodyOf<PageAsks, N>;

/** How long a test of a key may take, ms. */
const TEST_LIMIT = 20_000;

/** Throws `bad-input` with the field concerned. */
function checked(fields: readonly Field[], given: Values): { fields: Values; secrets: Values } {
  const { values, faults } = check(fields, given);
  const [fault] = Object.entries(faults);
  if (fault)
    throw new Failure('bad-input', fault[1], { field: fault[0], next: 'Correct it and save again.' });
  const secret = new Set(secretFields(fields).map(({ name }) => name));
  const entries = Object.entries(values);
  return {
    fields: Object.fromEntries(entries.filter(([name]) => !secret.has(name))),
    secrets: Object.fromEntries(entries.filter(([name]) => secret.has(name))),
  };
}

/** A secret goes only where it was sealed to go. Throws `bad-input` where an address is new and a secret is not given anew. */
function demandSecrets(about: About, before: Values, { fields, secrets }: ReturnType<typeof checked>): void {
  const known = originsOf(about, before);
  if (originsOf(about, fields).every(origin => known.includes(origin))) return;
  const left = secretFields(about.keyFields).find(({ name }) => secrets[name] === undefined);
  if (!left) return;
  throw new Failure('bad-input', 'The address is new, and a secret goes only to the one it was saved for.', {
    field: left.name,
    next: `Put ${left.label} in again, and save. Nothing was changed.`,
  });
}

async function verdictOn(key: OpenedKey): Promise<Verdict> {
  try {
    return await within(TEST_LIMIT, signal => serviceOf(key.service).verify(key, signal));
  } catch (thrown) {
    return { outcome: 'could-not-tell', failure: reportOf(thrown) };
  }
}

/** The handlers of the door that concern keys; `changed` tells whoever watches, `learn` hears what tests said. */
export function keyHandlers(
  ready: () => Promise<Vault>,
  changed: () => Promise<void>,
  learn: (key: OpenedKey, verdict: Verdict) => void,
  /** Gives back what no key needs any more. */
  giveBack: () => Promise<void>,
) {
  const telling = async <T>(work: (vault: Vault) => Promise<T>): Promise<T> => {
    const result = await work(await ready());
    void changed();
    return result;
  };

  /** The change itself is done: what stays permitted does not undo it. */
  const release = (): Promise<void> => giveBack().catch(() => {});

  /**
   * Notes what its service said: when it last worked, and where it has been. A lock meanwhile, or a full disk,
   * does not change what it said.
   */
  const noted = async (vault: Vault, id: string, { outcome }: Verdict): Promise<void> => {
    const now = Date.now();
    const verified = outcome === 'works' ? vault.keys.verified(id, now) : undefined;
    await Promise.allSettled([verified, vault.uses.note(id, now, { task: 'test', outcome })]);
  };

  return {
    'keys.add': ({ service, notes, values }: Body<'keys.add'>) =>
      telling(async vault => {
        const about = aboutOf(service);
        const parts = checked(about.keyFields, values);
        const origins = originsOf(about, parts.fields);
        return { id: await vault.keys.add({ service, ...notes, origins, ...parts }) };
      }),

    'keys.change': ({ id, notes, values }: Body<'keys.change'>) =>
      telling(async vault => {
        const before = await vault.keys.entry(id);
        const about: About = aboutOf(before.service);
        // A secret left empty stays as it is.
        const given = about.keyFields.filter(({ kind, name }) => kind !== 'secret' || values[name]);
        const parts = checked(given, values);
        demandSecrets(about, before.fields, parts);
        await vault.keys.change(id, { ...notes, origins: originsOf(about, parts.fields), ...parts });
        await release();
      }),

    'keys.replace': ({ id, values, untested }: Body<'keys.replace'>) =>
      telling(async vault => {
        const { service, fields } = await vault.keys.entry(id);
        const about: About = aboutOf(service);
        const { secrets } = checked(secretFields(about.keyFields), values);
        const origins = originsOf(about, fields);
        // Under an id of its own: what the present key has under way is not its to disturb.
        const anew = { id: crypto.randomUUID(), service, fields: { ...fields, ...secrets }, origins };
        const verdict = untested ? undefined : await verdictOn(anew);
        if (verdict && verdict.outcome !== 'works') return { replaced: false, verdict };
        await vault.keys.replaceSecret(id, { secrets, origins });
        // From here on the old secret is gone: whatever else fails must not sound as if it were not.
        if (verdict) await noted(vault, id, verdict);
        return { replaced: true, ...(verdict && { verdict }) };
      }),

    'keys.remove': ({ id }: Body<'keys.remove'>) =>
      telling(async vault => {
        await vault.keys.remove(id);
        await vault.uses.forget(id);
        await release();
      }),

    'keys.test': ({ id }: Body<'keys.test'>) =>
      telling(async vault => {
        const key = await vault.keys.open(id);
        const verdict = await verdictOn(key);
        if (vault.isOpen) learn(key, verdict);
        await noted(vault, id, verdict);
        return verdict;
      }),

    'keys.reveal': async ({ id, proof }: Body<'keys.reveal'>) => (await ready()).keys.reveal(id, proof),

    'keys.uses': async ({ id }: Body<'keys.uses'>) => (await ready()).uses.of(id),
  };
}
