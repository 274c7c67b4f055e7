import { Failure } from '../failure';
import type { Operation } from '../services/about';
import { operationOf } from '../services/abouts';
import { check, type Values } from '../services/fields';

/** A call that is asked for. */
export interface Wish {
  /** The call's id, where whoever asks knows it before: asked for twice it is one call. */
  readonly id?: string;
  readonly key: string;
  readonly operation: string;
  readonly values: Values;
  readonly site?: string;
  /** From a private window: it never goes into the history. */
  readonly private?: true;
}

/** A form's checked values, and the task that they are for. Throws `bad-input` with the field, `bad-request`. */
export function checked(
  { service }: { service: string },
  { operation, values: given }: Wish,
): { values: Values; task: Operation } {
  const task = operationOf(service, operation);
  const { values, faults } = check(task.fields, given);
  const [fault] = Object.entries(faults);
  if (fault) throw new Failure('bad-input', fault[1], { field: fault[0], next: 'Change it and run again.' });
  return { values, task };
}
