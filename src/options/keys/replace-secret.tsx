import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { About } from '../../services/about';
import { check, type Faults, secretFields, type Values } from '../../services/fields';
import type { Verdict } from '../../services/service';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { FieldInput } from '../../ui/field';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { Quoted } from '../../ui/quoted';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import { useUnsaved } from '../unsaved';
import { KeyPage } from './key-form';
import { VerdictShown } from './verdict';

interface Props {
  readonly entry: KeyEntry;
  readonly about: About;
  readonly onDone: (message: ComponentChildren) => void;
  readonly onCancel: () => void;
}

/** Puts a new secret in the place of the old one, which is kept until the new one is known to work. */
export function ReplaceSecret({ entry: { id, label }, about, onDone, onCancel }: Props) {
  const fields = secretFields(about.keyFields).map(field => ({ ...field, label: `New ${field.label}` }));
  const values = useSignal<Values>({});
  const faults = useSignal<Faults>({});
  const verdict = useSignal<Verdict | undefined>(undefined);
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  useUnsaved(form);

  const replace = (untested: boolean) => {
    const checked = check(fields, values.value);
    faults.value = checked.faults;
    if (Object.keys(checked.faults).length > 0) return;
    run(async () => {
      verdict.value = undefined;
      const reply = await act('keys.replace', { id, values: checked.values, untested });
      if (!reply.replaced) verdict.value = reply.verdict;
      else
        onDone(
          <>
            <Quoted text={label} /> was replaced. Revoke the old key at {about.label} now.
          </>,
        );
    });
  };

  return (
    <form
      class="stack"
      ref={form}
      noValidate
      aria-label={`Replace “${label}”`}
      onSubmit={event => {
        event.preventDefault();
        replace(false);
      }}
    >
      <p class="small">
        <KeyPage about={about} />, put it in here, and revoke the old one afterwards. The old key is forgotten
        only when the new one works.
      </p>
      {fields.map(field => (
        <FieldInput
          key={field.name}
          field={field}
          value={values.value[field.name] ?? ''}
          fault={faults.value[field.name]}
          onValue={value => (values.value = { ...values.value, [field.name]: value })}
        />
      ))}
      <VerdictShown verdict={verdict.value} />
      <div class="row">
        <Button type="submit" class="primary" busy={busy.value}>
          Test and replace
        </Button>
        {verdict.value?.outcome === 'could-not-tell' && (
          <Button busy={busy.value} onClick={() => replace(true)}>
            Replace without a test
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
