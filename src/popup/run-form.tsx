import { useSignal, useSignalEffect } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { type Call, isOpen } from '../calls/call';
import type { FailureReport } from '../failure';
import type { Field } from '../services/about';
import { check, type Faults, type Values } from '../services/fields';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { Choose } from '../ui/choose';
import { filledIn } from '../ui/fills';
import { goToFault, useFocusFirst } from '../ui/focus';
import { online } from '../ui/online';
import { usePending } from '../ui/pending';
import { usePressed } from '../ui/pressed';
import { act, callShown } from '../ui/state';
import { groupsOf, type TaskChoice } from '../ui/task-choice';
import { TaskFields } from '../ui/task-fields';
import type { KeyEntry } from '../vault/key-index';
import { offered } from './brought';
import { changeDraft, changeValues, draft, unkept } from './draft';
import { lowBalance, useHealths } from './health';
import { KeyLine } from './key-line';
import { onlyOnce, runByKeyboard } from './once';
import { pickInTab } from './picking';
import { PriceCheck } from './price-check';
import { privateWindow } from './private-window';
import { clear } from './shown';
import { takesPrompt, tasksFor, valuesFor, withOffered } from './tasks';

interface Props {
  readonly keys: readonly KeyEntry[];
  /** What each key's calls have cost today, by its id, US dollars. */
  readonly spent: Readonly<Record<string, number>>;
  /** The call whose result is shown. */
  readonly shown: Call | undefined;
  readonly latest: Call | undefined;
}

/** The form of a call, drawn from what the task declares. */
export function RunForm({ keys, spent, shown, latest }: Props) {
  const faults = useSignal<Faults>({});
  const starting = usePending();
  const cancelling = usePending();
  const pressed = usePressed();
  const form = useRef<HTMLFormElement>(null);
  const line = useId();
  /** What a choice in one field has put into others, by task. */
  const filled = useRef<Record<string, Values>>({});
  useFocusFirst(form, 'textarea', ':scope > .field :is(input, select), [type="submit"]');

  const tasks = tasksFor(keys);
  const task = tasks.find(({ id }) => id === draft.value.task) ?? tasks[0];
  const usable = keys.filter(({ service }) => service === task?.service);
  const key = usable.find(({ id }) => id === draft.value.key) ?? usable[0];
  const healths = useHealths(key?.id, shown);
  useSignalEffect(() => {
    const taker = task && takesPrompt(task) ? task : tasks.find(takesPrompt);
    if (offered.value === undefined || !taker) return;
    const values = valuesFor(taker, draft.peek().values);
    const { text, site } = offered.value;
    changeValues(taker.id, { ...values, prompt: withOffered(values.prompt ?? '', text) });
    changeDraft({ task: taker.id, site });
    offered.value = undefined;
  });
  if (!task || !key) return null;

  const { task: chosen } = draft.value;
  const values = valuesFor(task, draft.value.values);
  const { fields } = task.operation;

  /** The values as the service takes them; otherwise what is wrong with them shows. */
  const checked = (): Values | undefined => {
    const { values: good, faults: found } = check(fields, values);
    faults.value = found;
    if (Object.keys(found).length === 0) return good;
    goToFault(form);
    return undefined;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (starting.busy.value) return;
    const good = checked();
    // An earlier answer is not to be taken for this one's; a call under way stays in sight.
    if (good || (shown && !isOpen(shown.state))) clear(latest);
    if (!good) return;
    starting.run(async () => {
      const { site } = draft.value;
      const wish = {
        key: key.id,
        operation: task.operation.name,
        values: good,
        ...(site !== undefined && good.prompt && { site }),
        ...(privateWindow.value && { private: true as const }),
      };
      const { id } = await act('calls.start', { id: pressed.idOf(JSON.stringify(wish)), ...wish });
      pressed.answered();
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
  const changeValue = (name: string, value: string) => {
    const { [name]: _, ...others } = faults.value;
    faults.value = others;
    if (name === 'prompt' && value.trim() === '') changeDraft({ site: undefined });
    changeValues(task.id, { ...valuesFor(task, draft.peek().values), [name]: value });
  };
  const fillIn = (fills: Values) => {
    const now = valuesFor(task, draft.peek().values);
    const put = filledIn(fields, now, fills, filled.current[task.id] ?? {});
    filled.current[task.id] = { ...filled.current[task.id], ...put };
    faults.value = Object.fromEntries(Object.entries(faults.value).filter(([name]) => !(name in put)));
    changeValues(task.id, { ...now, ...put });
  };
  const cancel = () => {
    if (shown) void cancelling.run(() => act('calls.cancel', { id: shown.id }));
  };
  const failure = starting.failure.value ?? cancelling.failure.value;

  return (
    <form
      class="stack"
      ref={form}
      onSubmit={submit}
      onKeyDown={runByKeyboard}
      onClickCapture={event => {
        onlyOnce(event);
        pickInTab(event);
      }}
      noValidate
    >
      <div class="stack tight">
        <div class="pair">
          <Choose label="Task" value={task.id} onValue={chooseTask} groups={groupsOf(tasks)} />
          <Choose
            label="Key"
            value={key.id}
            onValue={id => changeDraft({ key: id })}
            described={line}
            groups={[
              { label: '', options: usable.map(({ id, label }) => ({ id, label: named(id, label) })) },
            ]}
          />
        </div>
        <KeyLine id={line} entry={key} health={healths.value[key.id]} spent={spent[key.id] ?? 0} />
      </div>
      <TaskFields
        task={task}
        keyId={key.id}
        values={values}
        faults={{ ...serviceFault(shown, task, values), ...faults.value }}
        onValue={changeValue}
        onFills={fillIn}
      />
      {unkept.value && <p class="quiet small">The picture is too large to be kept while this is closed.</p>}
      {!online.value && (
        <p class="notice" role="status">
          This computer is offline. A call can run once it is connected.
        </p>
      )}
      <div class="stack tight">
        <div class="row">
          <Button type="submit" class="primary grow" busy={starting.busy.value} turns={false}>
            Run
          </Button>
          <Button
            busy={cancelling.busy.value || shown === undefined || !isOpen(shown.state)}
            onClick={cancel}
          >
            Cancel
          </Button>
        </div>
        <PriceCheck
          task={task}
          keyId={key.id}
          values={draft.value.values[task.id]}
          checked={checked}
          onRefused={failure => {
            // What was changed while the service was asked may be right now.
            if (draft.peek().task !== chosen) return;
            const now = valuesFor(task, draft.peek().values);
            faults.value = {
              ...faultOf(failure, fields, name => now[name] === values[name]),
              ...faults.value,
            };
          }}
        />
        {privateWindow.value && (
          <p class="quiet small">Private window: nothing of this goes into the history.</p>
        )}
      </div>
      {failure && <Alert failure={failure} />}
    </form>
  );

  function named(id: string, label: string): string {
    return lowBalance(healths.value[id]) === undefined ? label : `${label} — low`;
  }
}

/** Where the service did not accept a value, its words stand at that field too. */
function serviceFault(call: Call | undefined, { service, operation }: TaskChoice, values: Values): Faults {
  if (call?.state.phase !== 'failed') return {};
  const { request, state } = call;
  if (request.service !== service || request.operation !== operation.name) return {};
  // What was changed since may be right now.
  return faultOf(
    state.failure,
    operation.fields,
    name => (request.values[name] ?? '') === (values[name] ?? '') || request.inputs?.[name] !== undefined,
  );
}

/** The words of a failure at the field that it names, where that is still as it was. */
function faultOf(
  { field, service, message }: FailureReport,
  fields: readonly Field[],
  same: (name: string) => boolean,
): Faults {
  if (!field || !same(field) || !fields.some(({ name }) => name === field)) return {};
  return { [field]: service?.text ?? message };
}
