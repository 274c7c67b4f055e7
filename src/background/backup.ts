import * as v from 'valibot';
import { base64, fromBase64 } from '../bytes';
import { Failure } from '../failure';
import type { BodyOf, PageAsks, Preview } from '../messages/contract';
import { abouts, originsOf } from '../services/abouts';
import { KeptPasswords, PASSWORDS } from '../services/accounts';
import { check, secretFields } from '../services/fields';
import { type BackedUpKey, type Backup, readBackup, writeBackup } from '../vault/backup';
import { isLongEnough } from '../vault/passphrase';
import type { Compared } from '../vault/restore';
import type { Vault } from '../vault/vault';

/** Looks at a backed-up key with its service's eyes: a file may bring in nothing that the forms would not. */
function refusal({ service, fields, secrets, origins }: BackedUpKey): string | undefined {
  const about = abouts.find(({ name }) => name === service);
  if (!about) return `Runkey has no service “${service}”.`;
  const secret = new Set(secretFields(about.keyFields).map(({ name }) => name));
  const open = new Set(about.keyFields.flatMap(({ name }) => (secret.has(name) ? [] : name)));
  const strange =
    Object.keys(secrets).find(name => !secret.has(name) && !(name === PASSWORDS && about.accounts)) ??
    Object.keys(fields).find(name => !open.has(name));
  if (strange !== undefined) return `${about.label} keys do not have that “${strange}”.`;
  const [fault] = Object.values(check(about.keyFields, { ...fields, ...secrets }).faults);
  if (fault) return fault;
  const { [PASSWORDS]: passwords } = secrets;
  if (passwords !== undefined && !v.is(KeptPasswords, passwords))
    return 'The passwords of its accounts are not as Runkey keeps them.';
  const own = originsOf(about, fields);
  const foreign = origins.find(origin => !own.includes(origin));
  return foreign && `It would send the key to ${foreign}, which is not ${about.label}.`;
}

async function preview(vault: Vault, { made, keys }: Backup): Promise<Preview> {
  const known = new Set(keys.map(({ id }) => id));
  const present = await vault.keys.list();
  return {
    made,
    lines: (await vault.keys.compare(keys, refusal)).map(line),
    gone: present.filter(({ id }) => !known.has(id)).map(({ label }) => label),
  };
}

const line = ({ key: { label, service }, difference, why }: Compared): Preview['lines'][number] => ({
  label,
  service,
  difference,
  ...(why !== undefined && { why }),
});

const open = (file: string, passphrase: string): Promise<Backup> => readBackup(bytes(file), passphrase);

function bytes(file: string): ReturnType<typeof fromBase64> {
  try {
    return fromBase64(file);
  } catch {
    throw new Failure('bad-request', 'The file did not arrive whole.', { next: 'Choose it again.' });
  }
}

/** The handlers of the door that concern backups. */
export function backupHandlers(ready: () => Promise<Vault>, changed: () => Promise<void>) {
  return {
    'vault.backUp': async ({ passphrase }: BodyOf<PageAsks, 'vault.backUp'>) => {
      const { keys, damaged } = await (await ready()).keys.backup(passphrase);
      const made = new Date().toISOString();
      const file = await writeBackup({ runkey: 'backup', version: 1, made, keys }, passphrase);
      return { file: base64(file), keys: keys.length, damaged };
    },

    'vault.preview': async ({ file, passphrase }: BodyOf<PageAsks, 'vault.preview'>): Promise<Preview> => {
      const vault = await ready();
      const backup = await open(file, passphrase);
      return (await vault.status()) === 'unlocked' ? preview(vault, backup) : withoutVault(backup);
    },

    'vault.restore': async ({
      file,
      passphrase,
      mode,
    }: BodyOf<PageAsks, 'vault.restore'>): Promise<Preview> => {
      const vault = await ready();
      if (mode === 'begin') return begin(vault, file, passphrase);
      // Before the long computing.
      await vault.id();
      const backup = await open(file, passphrase);
      const seen = await preview(vault, backup);
      const before = await vault.keys.list();
      await vault.keys.restore(backup.keys, refusal, mode);
      const left = new Set((await vault.keys.list()).map(({ id }) => id));
      for (const { id } of before) if (!left.has(id)) await vault.uses.forget(id);
      await changed();
      return seen;
    },
  };

  /** A vault in the place of one that is missing or cannot be read. A vault that opens is never begun anew. */
  async function begin(vault: Vault, file: string, passphrase: string): Promise<Preview> {
    const backup = await open(file, passphrase);
    if (!isLongEnough(passphrase)) {
      throw new Failure('bad-passphrase', 'This backup’s passphrase is too short for a vault.', {
        next: 'Create a vault with a longer one first, then restore the backup into it.',
      });
    }
    await vault.begin(
      passphrase,
      backup.keys.filter(key => refusal(key) === undefined),
    );
    await changed();
    return withoutVault(backup);
  }
}

/** What is in a backup, where there is nothing to compare it with. */
function withoutVault({ made, keys }: Backup): Preview {
  const lines = keys.map(key => {
    const why = refusal(key);
    return line({ key, difference: why ? 'refused' : 'new', ...(why && { why }) });
  });
  return { made, lines, gone: [] };
}
