import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { passkeyProof, passkeysWork } from '../ui/passkey';
import { faultIn, passphrase } from '../ui/passphrase';
import { usePending } from '../ui/pending';
import type { Passkey, Proof } from '../vault/proof';

interface Props {
  readonly title: ComponentChildren;
  /** What the button says. */
  readonly action: string;
  readonly passkeys: readonly Passkey[];
  /** What there is to say, or to ask for first. */
  readonly children?: ComponentChildren;
  /** What is asked for after the passphrase. */
  readonly after?: ComponentChildren;
  /** Whether what else is asked for is there; it shows its own faults. Told the passphrase, if that is the proof. */
  readonly ready?: (present?: string) => boolean;
  readonly onProof: (proof: Proof) => Promise<void>;
  readonly onCancel: () => void;
}

/** Asks again who it is before something that an unlocked vault alone does not allow. */
export function Confirm(props: Props) {
  const { title, action, passkeys, children, after, ready = () => true, onProof, onCancel } = props;
  const id = useId();
  const typed = useSignal('');
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  const fault = faultIn(typed.value);

  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.value === '' || fault || !ready(typed.value)) return;
    run(() => onProof({ by: 'passphrase', passphrase: typed.value }));
  };
  const withPasskey = () => {
    if (ready()) run(async () => onProof(await passkeyProof(passkeys)));
  };

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
      <FieldInput
        field={passphrase}
        value={typed.value}
        fault={fault}
        onValue={value => (typed.value = value)}
      />
      {after}
      <div class="row">
        <Button type="submit" class="primary" busy={busy.value} disabled={typed.value === ''}>
          {action}
        </Button>
        {passkeysWork && passkeys.length > 0 && (
          <Button busy={busy.value} onClick={withPasskey}>
            Use a passkey
          </Button>
        )}
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
