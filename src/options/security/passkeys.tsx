import { useSignal } from '@preact/signals';
import type { Field } from '../../services/about';
import { day } from '../../ui/dates';
import { FieldInput } from '../../ui/field';
import { makePasskey, passkeysWork } from '../../ui/passkey';
import { act } from '../../ui/state';
import type { Passkey } from '../../vault/proof';
import { Confirm } from '../confirm';

const name: Field = {
  name: 'name',
  label: 'Name of the passkey',
  kind: 'text',
  most: 100,
  hint: 'What you will know it by: “This laptop”, “Blue key”',
};

interface Props {
  readonly passkeys: readonly Passkey[];
  readonly onDone: (message: string) => void;
}

/** The passkeys that open the vault beside the passphrase. */
export function Passkeys({ passkeys, onDone }: Props) {
  /** The id of the one to be removed; '' while one is added. */
  const open = useSignal<string | undefined>(undefined);
  const label = useSignal('This computer');
  const close = () => (open.value = undefined);
  const done = (message: string) => {
    close();
    onDone(message);
  };
  const removed = passkeys.find(({ id }) => id === open.value);

  return (
    <div class="card stack">
      <div class="stack tight">
        <h3>Passkeys</h3>
        <p class="quiet">
          {passkeysWork
            ? 'A fingerprint, a face or a security key opens the vault beside the passphrase, which always works as well.'
            : 'This browser does not let extensions use passkeys. The passphrase opens the vault.'}
        </p>
      </div>
      {passkeys.length > 0 && (
        <ul class="lines">
          {passkeys.map(passkey => (
            <li key={passkey.id} class="row spread">
              <span>
                <strong>{passkey.label}</strong> <span class="quiet small">added {day(passkey.created)}</span>
              </span>
              <button
                type="button"
                class="danger"
                aria-label={`Remove passkey “${passkey.label}”`}
                onClick={() => (open.value = passkey.id)}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      {passkeysWork && (
        <div class="row">
          <button type="button" aria-expanded={open.value === ''} onClick={() => (open.value = '')}>
            Add passkey
          </button>
        </div>
      )}
      {open.value === '' && (
        <Confirm
          title="Add passkey"
          action="Add it"
          passkeys={passkeys}
          ready={() => label.value.trim() !== ''}
          onProof={async proof => {
            // First, or a wrong passphrase would leave a passkey behind that opens nothing.
            await act('vault.prove', { proof });
            await act('vault.addPasskey', { proof, ...(await makePasskey(label.value.trim(), passkeys)) });
            done(`“${label.value.trim()}” opens the vault from now on.`);
          }}
          onCancel={close}
        >
          <FieldInput field={name} value={label.value} onValue={value => (label.value = value)} />
        </Confirm>
      )}
      {removed && (
        <Confirm
          key={removed.id}
          title={`Remove “${removed.label}”`}
          action="Remove it"
          passkeys={passkeys}
          onProof={async proof => {
            await act('vault.removePasskey', { proof, id: removed.id });
            done(`“${removed.label}” no longer opens the vault. You can delete it in its manager, too.`);
          }}
          onCancel={close}
        >
          <p class="quiet">Copies of the vault made before still open with it.</p>
        </Confirm>
      )}
    </div>
  );
}
