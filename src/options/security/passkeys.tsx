import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Failure, type FailureReport, reportOf } from '../../failure';
import type { Field } from '../../services/about';
import { check, type Faults } from '../../services/fields';
import { day } from '../../ui/dates';
import { FieldInput } from '../../ui/field';
import { forgetCredential, makePasskey, passkeysWork } from '../../ui/passkey';
import { Quoted } from '../../ui/quoted';
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

/** The browser may not be able to take back the passkey that it made. */
const ofNoUse = ({ next = '', ...report }: FailureReport): Failure =>
  Failure.from({
    ...report,
    next: `${next} The passkey just made is of no use: you can delete it in its manager.`.trim(),
  });

interface Props {
  readonly passkeys: readonly Passkey[];
  /** What was done last, or nothing. */
  readonly said: ComponentChildren;
  readonly onDone: (message: ComponentChildren) => void;
}

/** The passkeys that open the vault beside the passphrase. */
export function Passkeys({ passkeys, said, onDone }: Props) {
  /** The id of the one to be removed; '' while one is added. */
  const open = useSignal<string | undefined>(undefined);
  const label = useSignal('This computer');
  /** The name that was found faulty, and why. */
  const faulty = useSignal<{ label: string; faults: Faults }>({ label: '', faults: {} });
  const addButton = useRef<HTMLButtonElement>(null);
  const close = () => (open.value = undefined);
  const turn = (to: string) => {
    onDone('');
    open.value = to;
  };
  const done = (message: ComponentChildren) => {
    close();
    onDone(message);
  };
  const named = () => {
    const { faults } = check([name], { name: label.value });
    faulty.value = { label: label.value, faults };
    return !faults.name;
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
                <strong>
                  <bdi>{passkey.label}</bdi>
                </strong>{' '}
                <span class="quiet small">added {day(passkey.created)}</span>
              </span>
              <button
                type="button"
                class="danger"
                aria-label={`Remove passkey “${passkey.label}”`}
                onClick={() => turn(passkey.id)}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      {passkeysWork && (
        <div class="row">
          <button type="button" ref={addButton} aria-expanded={open.value === ''} onClick={() => turn('')}>
            Add passkey
          </button>
        </div>
      )}
      <p class="quiet" role="status">
        {said}
      </p>
      {open.value === '' && (
        <Confirm
          title="Add passkey"
          action="Add it"
          passkeys={passkeys}
          ready={named}
          onProof={async proof => {
            // First, or a wrong passphrase would leave a passkey behind that opens nothing.
            await act('vault.prove', { proof });
            const made = await makePasskey(label.value.trim(), passkeys);
            try {
              await act('vault.addPasskey', { proof, ...made });
            } catch (thrown) {
              await forgetCredential(made.passkey.id);
              throw ofNoUse(reportOf(thrown));
            }
            done(
              <>
                <Quoted text={made.passkey.label} /> opens the vault from now on.
              </>,
            );
          }}
          onCancel={close}
        >
          <FieldInput
            field={name}
            value={label.value}
            fault={label.value === faulty.value.label ? faulty.value.faults.name : undefined}
            onValue={value => (label.value = value)}
          />
        </Confirm>
      )}
      {removed && (
        <Confirm
          key={removed.id}
          title={
            <>
              Remove <Quoted text={removed.label} />
            </>
          }
          action="Remove it"
          passkeys={passkeys}
          onProof={async proof => {
            await act('vault.removePasskey', { proof, id: removed.id });
            done(
              <>
                <Quoted text={removed.label} /> no longer opens the vault. You can delete it in its manager,
                too.
              </>,
            );
            // The button that asked for it goes with it.
            addButton.current?.focus();
          }}
          onCancel={close}
        >
          <p class="quiet">Copies of the vault made before still open with it.</p>
        </Confirm>
      )}
    </div>
  );
}
