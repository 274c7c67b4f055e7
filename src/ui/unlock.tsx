import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Alert } from './alert';
import { Button } from './button';
import { FieldInput } from './field';
import { useFocusFirst } from './focus';
import { faultIn, passphrase } from './passphrase';
import { usePending } from './pending';
import { act } from './state';

interface Props {
  /** Where a passkey can open it: what the button does. */
  readonly withPasskey?: (() => Promise<void>) | undefined;
  /** The cards of what goes on by itself once it is open: those that are named here, and no others. */
  readonly goOn?: readonly string[];
  /** What there is to say before the passphrase. */
  readonly above?: ComponentChildren;
  /** What helps when the vault turns out to be damaged only once it was opened. */
  readonly damaged?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** The locked face, the same on every page. */
export function Unlock({ withPasskey, goOn, above, damaged, children }: Props) {
  const typed = useSignal('');
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  const fault = faultIn(typed.value);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (fault) return;
    const proof = { by: 'passphrase', passphrase: typed.value } as const;
    await run(() => act('vault.unlock', { proof, ...(goOn && { goOn: [...goOn] }) }));
    // What is typed next takes the place of what was wrong.
    if (failure.value?.code !== 'wrong-passphrase') return;
    const input = form.current?.querySelector('input');
    input?.focus();
    input?.select();
  };

  return (
    <form class="stack" ref={form} onSubmit={submit}>
      <div class="stack tight">
        <h2>The vault is locked</h2>
        <p class="quiet">Your keys stay encrypted until you unlock it.</p>
      </div>
      {above}
      <FieldInput
        field={passphrase}
        value={typed.value}
        fault={fault}
        onValue={value => (typed.value = value)}
      />
      <Button type="submit" class="primary" busy={busy.value} disabled={typed.value === ''}>
        Unlock
      </Button>
      {withPasskey && (
        <Button busy={busy.value} onClick={() => run(withPasskey)}>
          Use a passkey
        </Button>
      )}
      {failure.value && <Alert failure={failure.value} />}
      {failure.value?.code === 'vault-damaged' && damaged}
      {children}
    </form>
  );
}
