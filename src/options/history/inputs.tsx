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
          <div key={name}>
            <dt>{field?.label ?? name}</dt>
            <dd dir="auto">
              {picture ? <Thumbnail call={call.id} item={picture} /> : said(field, values[name] ?? '')}
            </dd>
          </div>
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

const said = (field: Field | undefined, value: string): string =>
  (field?.kind === 'choice' && field.choices.find(choice => choice.value === value)?.label) || value;
