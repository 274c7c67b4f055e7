import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Call } from '../../calls/call';
import { taskOf } from '../../calls/words';
import type { Field } from '../../services/about';
import { Thumbnail } from './thumbnail';

/** What was put into a call: every value, in the form's order, with its field's label. */
export function Inputs({ call }: { call: Call }) {
  const { values, inputs = {}, site } = call.request;
  const fields = taskOf(call)?.fields ?? [];
  const names = [
    ...fields.map(({ name }) => name),
    // A version of Runkey that had other fields may have made it.
    ...[...Object.keys(values), ...Object.keys(inputs)].filter(
      name => !fields.some(one => one.name === name),
    ),
  ].filter(name => values[name] || inputs[name]);

  return (
    <dl class="inputs">
      {names.map(name => {
        const field = fields.find(one => one.name === name);
        const picture = inputs[name];
        return (
          <Input key={name} label={field?.label ?? name}>
            {picture ? <Thumbnail call={call.id} item={picture} /> : said(field, values[name] ?? '')}
          </Input>
        );
      })}
      {site && (
        <div>
          <dt>Selected at</dt>
          <dd>{URL.parse(site)?.host ?? site}</dd>
        </div>
      )}
    </dl>
  );
}

/** One of them. What is too long for its place is scrolled, by the keyboard too. */
function Input({ label, children }: { label: string; children: ComponentChildren }) {
  const id = useId();
  const value = useRef<HTMLElement>(null);
  const scrolls = useSignal(false);
  useEffect(() => {
    const { scrollHeight = 0, clientHeight = 0 } = value.current ?? {};
    scrolls.value = scrollHeight > clientHeight;
  });
  return (
    <div>
      <dt id={id}>{label}</dt>
      <dd ref={value} dir="auto" {...(scrolls.value && { tabIndex: 0, 'aria-labelledby': id })}>
        {children}
      </dd>
    </div>
  );
}

const said = (field: Field | undefined, value: string): string =>
  (field?.kind === 'choice' && field.choices.find(choice => choice.value === value)?.label) || value;
