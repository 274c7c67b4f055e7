import * as v from 'valibot';
import { Failure } from '../../failure';
import { failedRun, notJson } from './errors';
import { parsed, refusalIn } from './refusal';

const Wrapped = v.looseObject({ executionId: v.string(), success: v.optional(v.unknown()) });

/** Names under which a wrapped answer has its output; which of them it is, is not documented. */
const WRAPPED_IN = ['result', 'output', 'data'];

/** Any output as a text: JSON, in lines, of what is none. */
export const shown = (output: unknown): string =>
  typeof output === 'string' ? output : JSON.stringify(output, null, 2);

/** The output in the body of an answer, raw or wrapped. Throws `unreadable-answer`, and what a wrapped failure says. */
export function outputIn(body: string): string {
  const said = parsed(body);
  if (said === undefined) throw notJson(body, true);
  const { success, output } = v.safeParse(Wrapped, said);
  if (!success) return shown(said);
  if (output.success === false) throw failedRun(refusalIn(said) ?? {});
  const name = WRAPPED_IN.find(each => Object.hasOwn(output, each));
  return shown(name === undefined ? said : output[name]);
}

/** JSON that a person has written. Throws `bad-input` with the field. */
export function writtenJson(text: string, field: string): unknown {
  const said = parsed(text);
  if (said !== undefined) return said;
  throw new Failure('bad-input', 'This is not JSON.', {
    field,
    next: 'Look for a missing quote, comma or bracket. Nothing was sent.',
  });
}
