import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Field } from '../services/about';
import { Alert } from '../ui/alert';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { passkeyProof, passkeysWork } from '../ui/passkey';
import { usePending } from '../ui/pending';
import type { Passkey, Proof } from '../vault/proof';

const passphrase: Field = { name: 'passphrase', label: 'Passphrase', kind: 'secret', most: 1024 };

interface Props {
  readonly title: string;
  /** What the button says. */
  readonly action: string;
  readonly passkeys: readonly Passkey[];
  /** What there is to say, or to ask for first. */
  readonly children?: ComponentChildren;
  /** What is asked for after the passphrase. */
  readonly after?: ComponentChildren;
  /** Whether what else is asked for is there; it shows its own faults. */
  readonly ready?: () => boolean;
  readonly onProof: (proof: Proof) => Promise<void>;
  readonly onCancel: () => void;
}

/** Asks again who it is before something that an unlocked vault alone does not allow. */
export function Confirm(props: Props) {
  const { title, action, passkeys, children, after, ready = () => true, onProof, onCancel } = props;
  const typed = useSignal('');
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);

  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.value === '' || !ready()) return;
    run(() => onProof({ by: 'passphrase', passphrase: typed.value }));
  };
  const withPasskey = () => {
    if (ready()) run(async () => onProof(await passkeyProof(passkeys)));
  };

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate aria-label={title}>
      <h3>{title}</h3>
      {children}
      <FieldInput field={passphrase} value={typed.value} onValue={value => (typed.value = value)} />
      {after}
      <div class="row">
        <button
          type="submit"
          class={busy.value ? 'primary busy' : 'primary'}
          disabled={busy.value || typed.value === ''}
        >
          {action}
        </button>
        {passkeysWork && passkeys.length > 0 && (
          <button type="button" disabled={busy.value} onClick={withPasskey}>
            Use a passkey
          </button>
        )}
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
