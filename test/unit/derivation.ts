import { createHash } from 'node:crypto';
import type setupWasm from 'argon2id/lib/setup.js';
import type { computeHash } from 'argon2id/lib/setup.js';

type Setup = typeof setupWasm;
type Argon2id = Parameters<computeHash>[0];

const textOf = ({ password, salt, ...more }: Argon2id): string =>
  JSON.stringify([[...password], [...salt], more]);

/** Argon2id as it is, but computed once for the same password, salt and parameters. */
export function computedOnce(setup: Setup): Setup {
  const known = new Map<string, Uint8Array>();
  let loaded: ReturnType<Setup> | undefined;
  return async (...loaders) => {
    loaded ??= setup(...loaders);
    const compute = await loaded;
    return parameters => {
      const text = textOf(parameters);
      const found = known.get(text) ?? compute(parameters).slice();
      known.set(text, found);
      // Whoever asked wipes it.
      return found.slice();
    };
  };
}

/** In Argon2id's place where a test makes hundreds of vaults: as different for whatever differs, and worth nothing. */
export const standIn: Setup = async () => parameters =>
  new Uint8Array(createHash('sha256').update(textOf(parameters)).digest());
