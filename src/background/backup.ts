import { base64, fromBase64 } from '../bytes';
import { Failure } from '../failure';
import type { BodyOf, PageAsks, Preview } from '../messages/contract';
import { abouts } from '../services/abouts';
import { check } from '../services/fields';
import { type BackedUpKey, type Backup, readBackup, writeBackup } from '../vault/backup';
import type { Compared } from '../vault/restore';
import { checkPassphrase, type Vault } from '../vault/vault';

/** Looks at a backed-up key with its service's eyes: a file may bring in nothing that the forms would not. */
function refusal({ service, fields, secrets, origins }: BackedUpKey): string | undefined {
  const about = abouts.find(({ name }) => name === service);
  if (!about) return `Runkey has no service “${service}”.`;
  const [fault] = Object.values(check(about.keyFields, { ...fields, ...secrets }).faults);
  if (fault) return fault;
  const foreign = origins.find(origin => !about.origins.includes(origin));
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
export function backupHandlers(ready: Promise<Vault>, changed: () => Promise<void>) {
  return {
    'vault.backUp': async ({ passphrase }: BodyOf<PageAsks, 'vault.backUp'>) => {
      const { keys, damaged } = await (await ready).keys.backup(passphrase);
      const made = new Date().toISOString();
      const file = await writeBackup({ runkey: 'backup', version: 1, made, keys }, passphrase);
      return { file: base64(file), keys: keys.length, damaged };
    },

    'vault.preview': async ({ file, passphrase }: BodyOf<PageAsks, 'vault.preview'>): Promise<Preview> => {
      const vault = await ready;
      const backup = await open(file, passphrase);
      if ((await vault.status()) === 'unlocked') return preview(vault, backup);
      // There is nothing to compare it with.
      const lines = backup.keys.map(key => {
        const why = refusal(key);
        return line({ key, difference: why ? 'refused' : 'new', ...(why && { why }) });
      });
      return { made: backup.made, lines, gone: [] };
    },

    'vault.restore': async ({
      file,
      passphrase,
      mode,
    }: BodyOf<PageAsks, 'vault.restore'>): Promise<Preview> => {
      const vault = await ready;
      if (mode !== 'begin') await vault.id();
      const backup = await open(file, passphrase);
      if (mode === 'begin') await begin(vault, passphrase);
      try {
        const seen = await preview(vault, backup);
        await vault.keys.restore(backup.keys, refusal, mode === 'begin' ? 'merge' : mode);
        return seen;
      } finally {
        await changed();
      }
    },
  };
}

/** A vault in the place of one that is missing or cannot be read. A vault that opens is never begun anew. */
async function begin(vault: Vault, passphrase: string): Promise<void> {
  // Before anything is erased for it.
  checkPassphrase(passphrase);
  if ((await vault.status()) === 'damaged') await vault.erase();
  await vault.create(passphrase);
}
