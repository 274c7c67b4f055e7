import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { About, Field } from '../../services/about';
import { countsDollars } from '../../services/abouts';
import { check, type Faults, type Values } from '../../services/fields';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { FieldInput } from '../../ui/field';
import { goToFault, useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { askToReach } from '../../ui/reach';
import type { Notes } from '../../vault/key-index';
import { useUnsaved } from '../unsaved';
import { dailyLimit, label, noteFields, notesFrom } from './notes';

interface Props {
  readonly title: ComponentChildren;
  readonly about: About;
  /** The service's own fields. */
  readonly fields: readonly Field[];
  /** What the form was filled with, and what is in it now. */
  readonly start: Values;
  readonly values: Signal<Values>;
  /** Whether its fields wait, out of sight, for what its children ask first. */
  readonly waiting?: boolean;
  readonly save: (notes: Notes, values: Values) => Promise<void>;
  readonly onCancel: () => void;
  readonly children?: ComponentChildren;
}

/** The form of a key, drawn from what its service declares. */
export function KeyForm(props: Props) {
  const { title, about, fields, start, values, waiting = false, save, onCancel, children } = props;
  const id = useId();
  const faults = useSignal<Faults>({});
  /** What the faults were found in: a field that was changed since has none. */
  const faulty = useSignal<Values>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  useUnsaved(form);

  const submit = (event: Event) => {
    event.preventDefault();
    const noted = check([label, dailyLimit, ...noteFields], values.value);
    const own = check(fields, values.value);
    faults.value = { ...noted.faults, ...own.faults };
    faulty.value = values.value;
    if (Object.keys(faults.value).length > 0) return goToFault(form);
    if (busy.value) return;
    // Before anything else: the browser asks only for what a click set off.
    const allowed = askToReach(about.originsOf?.(own.values) ?? []);
    run(async () => {
      await allowed;
      await save(notesFrom(noted.values), own.values);
    });
  };
  const advanced = fields.filter(field => field.advanced);
  const input = (field: Field) => {
    const value = values.value[field.name] ?? '';
    return (
      <FieldInput
        key={field.name}
        field={field}
        value={value}
        fault={value === (faulty.value[field.name] ?? '') ? faults.value[field.name] : undefined}
        onValue={text => (values.value = { ...values.value, [field.name]: text })}
      />
    );
  };

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
      {!waiting && (
        <>
          {[label, ...fields.filter(field => !field.advanced)].map(input)}
          <p class="small">
            <KeyPage about={about} />
          </p>
          {countsDollars(about) && input(dailyLimit)}
          {advanced.length > 0 && (
            <details
              open={advanced.some(
                ({ name, initial = '' }) => (start[name] ?? '') !== initial || faults.value[name],
              )}
            >
              <summary>More options</summary>
              <div class="stack">{advanced.map(input)}</div>
            </details>
          )}
          <details open={noteFields.some(({ name }) => start[name] || faults.value[name])}>
            <summary>Environment, date and notes</summary>
            <div class="stack">{noteFields.map(input)}</div>
          </details>
        </>
      )}
      <div class="row">
        {!waiting && (
          <Button type="submit" class="primary" busy={busy.value}>
            Save key
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

export function KeyPage({ about: { keyPage } }: { about: About }) {
  return (
    <a href={keyPage} target="_blank" rel="noreferrer">
      Make a key at {new URL(keyPage).host}
    </a>
  );
}
