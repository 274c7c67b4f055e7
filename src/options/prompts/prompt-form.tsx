import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { Prompt } from '../../calls/prompt';
import type { Field } from '../../services/about';
import { initialValues, type Values } from '../../services/fields';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { Choose } from '../../ui/choose';
import { FieldInput } from '../../ui/field';
import { filledIn } from '../../ui/fills';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { groupsOf, type TaskChoice } from '../../ui/task-choice';
import { TaskFields } from '../../ui/task-fields';
import type { KeyEntry } from '../../vault/key-index';
import { useUnsaved } from '../unsaved';
import { type Checked, checked, name, note, templateOf } from './checked';
import { choiceOf, choicesFor, withOthers } from './tasks';
import { ON } from './told';

interface Props {
  readonly title: ComponentChildren;
  /** The prompt that is changed; absent: a new one. */
  readonly prompt?: Prompt;
  readonly keys: readonly KeyEntry[];
  readonly save: (prompt: Omit<Prompt, 'id'>) => Promise<void>;
  readonly onCancel: () => void;
}

const nothingWrong: Checked = { own: {}, others: {} };

/** The form of a saved prompt, drawn from what its task declares. */
export function PromptForm({ title, prompt, keys, save, onCancel }: Props) {
  const id = useId();
  const on = useSignal<Prompt['on']>(prompt?.on ?? 'text');
  /** By what it is on, so that each keeps its own. */
  const tasks = useSignal<Partial<Record<Prompt['on'], string>>>(
    prompt ? { [prompt.on]: choiceOf(prompt)?.id ?? '' } : {},
  );
  const key = useSignal(prompt?.key ?? '');
  const own = useSignal<Values>({
    name: prompt?.name ?? '',
    template: prompt?.template ?? '{{selection}}',
    note: prompt?.note ?? '',
  });
  /** The task's other fields, by task, so that each keeps its own. */
  const others = useSignal<Record<string, Values>>(
    prompt ? { [`${prompt.service}/${prompt.operation}`]: prompt.values } : {},
  );
  const faults = useSignal(nothingWrong);
  /** What a choice in one field has put into others. */
  const put = useRef<Values>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  useUnsaved(form);

  const choices = choicesFor(on.value);
  const [first] = choices;
  const choice = choices.find(one => one.id === tasks.value[on.value]) ?? first;
  if (!choice) return null;
  const task = withOthers(choice);
  const { fields } = task.operation;
  const template = templateOf(on.value, choice);
  const usable = keys.filter(({ service }) => service === choice.service);
  const known = usable.some(one => one.id === key.value);
  const valuesOf = ({ id: of }: TaskChoice): Values => ({ ...initialValues(fields), ...others.value[of] });
  const values = valuesOf(choice);

  const submit = (event: Event) => {
    event.preventDefault();
    const { prompt: good, ...wrong } = checked({
      on: on.value,
      choice,
      key: known ? key.value : '',
      own: own.value,
      others: values,
    });
    faults.value = wrong;
    if (good) void run(() => save(good));
  };
  const choose = (next: Partial<Record<Prompt['on'], string>>) => {
    tasks.value = { ...tasks.value, ...next };
    faults.value = { ...faults.value, others: {} };
    put.current = {};
  };
  const chooseOn = (next: string) => {
    if (next !== 'text' && next !== 'image') return;
    // The template that a new one begins with is for text.
    if (own.value.template === START[on.value]) own.value = { ...own.value, template: START[next] };
    on.value = next;
    faults.value = nothingWrong;
  };
  const setOthers = (changed: Values) => {
    const left = Object.entries(faults.value.others).filter(([of]) => !(of in changed));
    faults.value = { ...faults.value, others: Object.fromEntries(left) };
    others.value = { ...others.value, [choice.id]: { ...valuesOf(choice), ...changed } };
  };
  const input = (field: Field) => (
    <FieldInput
      key={field.name}
      field={field}
      value={own.value[field.name] ?? ''}
      fault={faults.value.own[field.name]}
      onValue={text => {
        const { [field.name]: _, ...left } = faults.value.own;
        faults.value = { ...faults.value, own: left };
        own.value = { ...own.value, [field.name]: text };
      }}
    />
  );

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {input(name)}
      <div class="pair">
        <Choose
          label="For"
          value={on.value}
          onValue={chooseOn}
          groups={[
            {
              label: '',
              options: [
                { id: 'text', label: ON.text },
                { id: 'image', label: ON.image },
              ],
            },
          ]}
        />
        <Choose
          label="Task"
          value={choice.id}
          onValue={of => choose({ [on.value]: of })}
          groups={groupsOf(choices)}
        />
      </div>
      <div class="stack hinted">
        <Choose
          label="Key"
          value={known ? key.value : ''}
          onValue={of => (key.value = of)}
          described={`${id}-key`}
          groups={[
            {
              label: '',
              options: [
                { id: '', label: 'The key used last' },
                ...usable.map(({ id: of, label }) => ({ id: of, label })),
              ],
            },
          ]}
        />
        <span class="quiet small" id={`${id}-key`}>
          {usable.length === 0
            ? `There is no key of ${choice.serviceLabel} yet.`
            : `A key of ${choice.serviceLabel} pays for it.`}
        </span>
      </div>
      {template ? input(template) : <p class="quiet">This task takes the picture alone.</p>}
      {input(note)}
      <TaskFields
        task={task}
        keyId={known ? key.value : usable[0]?.id}
        values={values}
        faults={faults.value.others}
        onValue={(of, value) => setOthers({ [of]: value })}
        onFills={fills => {
          const filled = filledIn(fields, values, fills, put.current);
          put.current = { ...put.current, ...filled };
          setOthers(filled);
        }}
      />
      <div class="row">
        <Button type="submit" class="primary" busy={busy.value}>
          Save prompt
        </Button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}

const START = { text: '{{selection}}', image: '' } as const;
