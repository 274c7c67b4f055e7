import * as v from 'valibot';
import { Failure } from '../../failure';
import { inLines, parsed } from '../json';
import { failedRun, notJson } from './errors';
import { refusalIn } from './refusal';

const Wrapped = v.looseObject({ executionId: v.string(), success: v.optional(v.unknown()) });

/** Names under which a wrapped answer has its output; which of them it is, is not documented. */
const WRAPPED_IN = ['result', 'output', 'data'];

/** The output in the body of an answer, raw or wrapped. Throws `unreadable-answer`, and what a wrapped failure says. */
export function outputIn(body: string): string {
  const said = parsed(body);
  if (said === undefined) throw notJson(body, true);
  const { success, output } = v.safeParse(Wrapped, said);
  if (!success) return inLines(said, body);
  if (output.success === false) throw failedRun(refusalIn(said) ?? {});
  const name = WRAPPED_IN.find(each => Object.hasOwn(output, each));
  return inLines(name === undefined ? said : output[name], body);
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
