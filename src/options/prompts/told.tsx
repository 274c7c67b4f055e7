import type { Prompt } from '../../calls/prompt';
import { choiceOf, taskSaid } from './tasks';

export const ON = { text: 'Selected text', image: 'A picture' } as const;

/** All that a prompt would do. */
export function Told({ prompt }: { prompt: Omit<Prompt, 'id'> }) {
  const fields = choiceOf(prompt)?.operation.fields ?? [];
  const { template, values, note } = prompt;
  return (
    <div class="stack tight small">
      <p class="quiet">
        {ON[prompt.on]} · {taskSaid(prompt)}
      </p>
      {template && (
        <pre class="template">
          <bdi>{template}</bdi>
        </pre>
      )}
      {Object.entries(values).map(([name, value]) => (
        <p key={name} class="quiet">
          {fields.find(field => field.name === name)?.label ?? name}: <bdi>{value || 'empty'}</bdi>
        </p>
      ))}
      {note && (
        <p class="notes quiet">
          <bdi>{note}</bdi>
        </p>
      )}
    </div>
  );
}
