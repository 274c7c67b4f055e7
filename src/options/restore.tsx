import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { base64 } from '../bytes';
import { Failure } from '../failure';
import type { Preview } from '../messages/contract';
import type { Field } from '../services/about';
import { abouts } from '../services/abouts';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { moment } from '../ui/dates';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { faultIn } from '../ui/passphrase';
import { usePending } from '../ui/pending';
import { Listed } from '../ui/quoted';
import { act } from '../ui/state';
import { Sure } from './sure';

const passphrase: Field = {
  name: 'backup-passphrase',
  label: 'Backup passphrase',
  kind: 'secret',
  most: 1024,
  hint: 'The one that your vault had when the backup was made.',
};

/** Bytes, as `vault/backup.ts` has it. */
const LARGEST = 20_000_000;

interface Props {
  /** There is no vault that opens: the backup makes one. */
  readonly begin?: boolean;
  readonly onDone?: (message: ComponentChildren) => void;
  readonly onCancel?: () => void;
}

/** Opens a backup, shows what is in it, and brings it in. */
export function Restore({ begin = false, onDone = () => {}, onCancel }: Props) {
  const id = useId();
  const file = useSignal<File | undefined>(undefined);
  const typed = useSignal('');
  const seen = useSignal<{ file: string; preview: Preview } | undefined>(undefined);
  const replacing = useSignal(false);
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  const fault = faultIn(typed.value, passphrase);

  const look = (event: Event) => {
    event.preventDefault();
    if (fault) return;
    run(async () => {
      const encoded = await read(file.value);
      const preview = await act('vault.preview', { file: encoded, passphrase: typed.value });
      seen.value = { file: encoded, preview };
    });
  };
  const take = async (mode: 'merge' | 'replace' | 'begin') => {
    if (!seen.value) return;
    await act('vault.restore', { file: seen.value.file, passphrase: typed.value, mode });
    onDone(mode === 'replace' ? 'The vault is now as in the backup.' : 'The backup was restored.');
  };

  return (
    <form class="stack" ref={form} onSubmit={look} noValidate aria-label="Restore">
      <div class="stack tight">
        <h2>Restore a backup</h2>
        <p class="quiet">
          {begin
            ? 'The backup becomes the vault of this browser, and its passphrase the vault’s.'
            : 'You see what is in it before anything changes. Your passphrase stays as it is.'}
        </p>
      </div>
      {!seen.value && (
        <>
          <div class="field">
            <label for={id}>Backup file</label>
            <input
              id={id}
              type="file"
              accept=".age"
              onChange={event => (file.value = event.currentTarget.files?.[0])}
            />
          </div>
          <FieldInput
            field={passphrase}
            value={typed.value}
            fault={fault}
            onValue={value => (typed.value = value)}
          />
        </>
      )}
      {seen.value && <Contents preview={seen.value.preview} />}
      <div class="row">
        {!seen.value && (
          <Button
            type="submit"
            class="primary"
            busy={busy.value}
            disabled={!file.value || typed.value === ''}
          >
            Look inside
          </Button>
        )}
        {seen.value && begin && (
          <Button class="primary" busy={busy.value} onClick={() => run(() => take('begin'))}>
            Restore
          </Button>
        )}
        {seen.value && !begin && (
          <>
            <Button class="primary" busy={busy.value} onClick={() => run(() => take('merge'))}>
              Merge
            </Button>
            <button
              type="button"
              class="danger"
              aria-expanded={replacing.value}
              onClick={() => (replacing.value = !replacing.value)}
            >
              Replace everything
            </button>
          </>
        )}
        {onCancel && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
      {seen.value && replacing.value && (
        <Sure
          yes="Yes, replace"
          no="Back"
          onYes={() => run(() => take('replace'))}
          onNo={() => (replacing.value = false)}
        >
          {askFor(seen.value.preview.gone.length)}
        </Sure>
      )}
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}

/** What replacing does, by how many keys it deletes. */
function askFor(gone: number): string {
  if (gone === 0) return 'Take every key as it is in the backup?';
  const keys = gone === 1 ? 'the key that is' : `${gone} keys that are`;
  return `Delete ${keys} not in the backup, and take the rest from it?`;
}

const WORDS = {
  new: 'new',
  changed: 'changed: the backup’s takes the place of yours',
  same: 'same',
  older: 'older than yours, which stays if you merge',
  elsewhere: 'for another address than yours, which stays',
  refused: 'not restored',
} as const;

function Contents({ preview: { made, lines, gone } }: { preview: Preview }) {
  const box = useRef<HTMLDivElement>(null);
  // The button that asked for it is gone.
  useLayoutEffect(() => box.current?.focus(), []);
  return (
    <div class="stack tight" role="status" ref={box} tabIndex={-1}>
      <p>
        Made {moment(Date.parse(made))}, {lines.length === 1 ? 'one key' : `${lines.length} keys`}:
      </p>
      <ul class="lines">
        {lines.map((line, at) => (
          <li key={at} class="row spread">
            <span>
              <strong>
                <bdi>{line.label}</bdi>
              </strong>{' '}
              <span class="quiet">
                {abouts.find(({ name }) => name === line.service)?.label ?? line.service}
              </span>
            </span>
            <span class={line.difference === 'same' ? 'quiet' : ''}>
              {WORDS[line.difference]}
              {line.why && `: ${line.why}`}
            </span>
          </li>
        ))}
      </ul>
      {gone.length > 0 && (
        <p class="quiet">
          Not in the backup, and deleted only by “Replace everything”: <Listed texts={gone.slice(0, 20)} />
          {gone.length > 20 && ` and ${gone.length - 20} more`}.
        </p>
      )}
    </div>
  );
}

async function read(file: File | undefined): Promise<string> {
  if (!file)
    throw new Failure('bad-input', 'No file is chosen.', { next: 'Choose a backup, a file ending in .age.' });
  if (file.size === 0)
    throw new Failure('backup-unreadable', 'That file is empty.', {
      next: 'Take another copy of the backup, or download it again.',
    });
  if (file.size > LARGEST)
    throw new Failure('backup-unreadable', 'That file is larger than 20 MB, which no backup of Runkey is.', {
      next: 'Choose a backup, a file ending in .age.',
    });
  return base64(new Uint8Array(await file.arrayBuffer()));
}
