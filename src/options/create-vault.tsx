import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Field } from '../services/about';
import { check, type Faults } from '../services/fields';
import { Alert } from '../ui/alert';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';

const fields = [
  {
    name: 'passphrase',
    label: 'Passphrase',
    kind: 'secret',
    least: 8,
    most: 1024,
    hint: 'At least 8 characters. A few unrelated words are strong and easy to remember.',
  },
  { name: 'repeat', label: 'Repeat passphrase', kind: 'secret', most: 1024 },
] as const satisfies readonly Field[];

/** The first visit. */
export function CreateVault() {
  const values = useSignal({ passphrase: '', repeat: '' });
  const faults = useSignal<Faults>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);

  const submit = (event: Event) => {
    event.preventDefault();
    const { passphrase, repeat } = values.value;
    faults.value = check(fields, values.value).faults;
    if (passphrase !== repeat) faults.value = { ...faults.value, repeat: 'The two passphrases differ.' };
    if (Object.keys(faults.value).length === 0) run(() => act('vault.create', { passphrase }));
  };

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate>
      <div class="stack tight">
        <h2>Create your vault</h2>
        <p class="quiet">
          It keeps your keys encrypted in this browser. The passphrase opens it, is stored nowhere, and cannot
          be recovered: keep it safe.
        </p>
      </div>
      {fields.map(field => (
        <FieldInput
          key={field.name}
          field={field}
          value={values.value[field.name]}
          fault={faults.value[field.name]}
          onValue={value => (values.value = { ...values.value, [field.name]: value })}
        />
      ))}
      <button type="submit" class={busy.value ? 'primary busy' : 'primary'} disabled={busy.value}>
        Create vault
      </button>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
