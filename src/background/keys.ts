import { Failure, reportOf } from '../failure';
import type { About, Field } from '../services/about';
import { aboutOf } from '../services/abouts';
import { check, type Values } from '../services/fields';
import type { Verdict } from '../services/service';
import { serviceOf } from '../services/services';
import type { Vault } from '../vault/vault';

/** How long a test of a key may take, ms. */
const TEST_LIMIT = 20_000;

/** Throws `bad-input` with the field concerned. */
function checked(fields: readonly Field[], given: Values): { fields: Values; secrets: Values } {
  const { values, faults } = check(fields, given);
  const [fault] = Object.entries(faults);
  if (fault)
    throw new Failure('bad-input', fault[1], { field: fault[0], next: 'Correct it and save again.' });
  const secret = new Set(fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name));
  const entries = Object.entries(values);
  return {
    fields: Object.fromEntries(entries.filter(([name]) => !secret.has(name))),
    secrets: Object.fromEntries(entries.filter(([name]) => secret.has(name))),
  };
}

/** The handlers of the door that concern keys. */
export function keyHandlers(vault: Vault, changed: () => void) {
  const telling = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    changed();
    return result;
  };

  return {
    'keys.add': async ({ service, label, values }: { service: string; label: string; values: Values }) => {
      const about = aboutOf(service);
      const parts = checked(about.keyFields, values);
      return { id: await telling(vault.add({ service, label, origins: [...about.origins], ...parts })) };
    },

    'keys.change': async ({ id, label, values }: { id: string; label: string; values: Values }) => {
      const about: About = aboutOf((await vault.entry(id)).service);
      // A secret left empty stays as it is.
      const given = about.keyFields.filter(({ kind, name }) => kind !== 'secret' || values[name]);
      await telling(vault.change(id, { label, origins: [...about.origins], ...checked(given, values) }));
    },

    'keys.remove': ({ id }: { id: string }) => telling(vault.remove(id)),

    'keys.test': async ({ id }: { id: string }): Promise<Verdict> => {
      const key = await vault.open(id);
      try {
        return await serviceOf(key.service).verify(key, AbortSignal.timeout(TEST_LIMIT));
      } catch (thrown) {
        return { outcome: 'could-not-tell', failure: reportOf(thrown) };
      }
    },
  };
}
