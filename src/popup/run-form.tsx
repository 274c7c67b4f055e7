import { useSignal, useSignalEffect } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { type Call, isOpen } from '../calls/call';
import type { Field } from '../services/about';
import { check, type Faults } from '../services/fields';
import { Alert } from '../ui/alert';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { online } from '../ui/online';
import { usePending } from '../ui/pending';
import { act, callShown } from '../ui/state';
import type { KeyEntry } from '../vault/key-index';
import { changeDraft, changeValues, draft, offered } from './draft';
import { cleared } from './result';
import { type TaskChoice, tasksFor, valuesFor, withOffered } from './tasks';

interface Props {
  readonly keys: readonly KeyEntry[];
  /** The latest call. */
  readonly call: Call | undefined;
}

/** The form of a call, drawn from what the task declares. */
export function RunForm({ keys, call }: Props) {
  const faults = useSignal<Faults>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form, 'textarea');

  const tasks = tasksFor(keys);
  const task = tasks.find(({ id }) => id === draft.value.task) ?? tasks[0];
  useSignalEffect(() => {
    if (offered.value === undefined || !task) return;
    const values = valuesFor(task, draft.peek().values);
    const { text, site } = offered.value;
    changeValues(task.id, { ...values, prompt: withOffered(values.prompt ?? '', text) });
    changeDraft({ site });
    offered.value = undefined;
  });
  if (!task) return null;

  const usable = keys.filter(({ service }) => service === task.service);
  const key = usable.find(({ id }) => id === draft.value.key) ?? usable[0];
  const values = valuesFor(task, draft.value.values);
  const { fields } = task.operation;
  const running = call !== undefined && isOpen(call.state);

  const submit = (event: Event) => {
    event.preventDefault();
    const checked = check(fields, values);
    faults.value = checked.faults;
    if (!key || Object.keys(checked.faults).length > 0) return;
    cleared.value = call?.id;
    run(async () => {
      const { site } = draft.value;
      const { id } = await act('calls.start', {
        key: key.id,
        operation: task.operation.name,
        values: checked.values,
        ...(site !== undefined && { site }),
      });
      // Until it shows, another press would be another call.
      await callShown(id);
    });
  };

  const chooseTask = (id: string) => {
    const next = tasks.find(choice => choice.id === id);
    if (!next) return;
    faults.value = {};
    changeValues(id, valuesFor(next, draft.value.values, task.id));
    changeDraft({ task: id });
  };

  const shown = { ...faults.value, ...serviceFault(call, fields) };
  const input = (field: Field) => (
    <FieldInput
      key={`${task.id}/${field.name}`}
      field={field}
      value={values[field.name] ?? ''}
      fault={shown[field.name]}
      onValue={value => {
        if (field.name === 'prompt' && value.trim() === '') changeDraft({ site: undefined });
        changeValues(task.id, { ...valuesFor(task, draft.peek().values), [field.name]: value });
      }}
    />
  );
  const advanced = fields.filter(field => field.advanced);

  return (
    <form class="stack" ref={form} onSubmit={submit} onKeyDown={runByKeyboard} noValidate>
      <div class="pair">
        <Choose label="Task" value={task.id} onValue={chooseTask} groups={groupsOf(tasks)} />
        <Choose
          label="Key"
          value={key?.id ?? ''}
          onValue={id => changeDraft({ key: id })}
          groups={[{ label: '', options: usable.map(({ id, label }) => ({ id, label })) }]}
        />
      </div>
      {fields.filter(field => !field.advanced).map(input)}
      {advanced.length > 0 && (
        <details open={advanced.some(({ name }) => shown[name])}>
          <summary>More options</summary>
          <div class="options">{advanced.map(input)}</div>
        </details>
      )}
      {!online.value && (
        <p class="notice" role="status">
          This computer is offline. A call can run once it is connected.
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary grow" disabled={busy.value || running}>
          Run
        </button>
        <button
          type="button"
          disabled={!running}
          onClick={() => call && run(() => act('calls.cancel', { id: call.id }))}
        >
          Cancel
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}

/** Ctrl+Enter, or ⌘ Enter, in a field of several lines. */
function runByKeyboard(event: KeyboardEvent & { currentTarget: HTMLFormElement }): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
}

/** Where the service did not accept a value, its words stand at that field too. */
function serviceFault(call: Call | undefined, fields: readonly Field[]): Faults {
  if (call?.state.phase !== 'failed') return {};
  const { field, service, message } = call.state.failure;
  return field && fields.some(({ name }) => name === field) ? { [field]: service?.text ?? message } : {};
}

interface Group {
  readonly label: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
}

/** By service, as soon as there are several. */
function groupsOf(tasks: readonly TaskChoice[]): Group[] {
  const services = [...new Set(tasks.map(({ service }) => service))];
  return services.map(name => {
    const mine = tasks.filter(({ service }) => service === name);
    return {
      label: services.length > 1 ? (mine[0]?.serviceLabel ?? '') : '',
      options: mine.map(({ id, operation }) => ({ id, label: operation.label })),
    };
  });
}

function Choose(props: { label: string; value: string; onValue: (value: string) => void; groups: Group[] }) {
  const id = useId();
  const options = (group: Group) =>
    group.options.map(option => (
      <option key={option.id} value={option.id}>
        {option.label}
      </option>
    ));
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} value={props.value} onChange={event => props.onValue(event.currentTarget.value)}>
        {props.groups.map(group =>
          group.label ? (
            <optgroup key={group.label} label={group.label}>
              {options(group)}
            </optgroup>
          ) : (
            options(group)
          ),
        )}
      </select>
    </div>
  );
}
