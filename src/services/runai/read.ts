import * as v from 'valibot';
import { Failure, type FailureReport } from '../../failure';
import { scrub } from '../../guard/shapes';
import type { Values } from '../fields';
import { inLines, parsed } from '../json';
import type { Row, TaskItem } from '../service';
import { unreadable } from './errors';

/** What an answer says: its one item, where a list goes on, and what of it failed. */
export interface Heard {
  readonly item: TaskItem;
  readonly more?: boolean;
  readonly refused?: { readonly count: number; readonly failure: FailureReport };
}

/** Reads an answer. Throws `unreadable-answer`. */
export type Read = (text: string, values: Values) => Heard;

/** The most of a service's own words that are kept of one line, characters. */
const LONGEST = 500;

const Thing = v.record(v.string(), v.unknown());
type Thing = v.InferOutput<typeof Thing>;

/** What a dotted path leads to, if it is a word or a number. */
function at(thing: Thing, path: string): string | undefined {
  let here: unknown = thing;
  for (const name of path.split('.'))
    here = v.is(Thing, here) && Object.hasOwn(here, name) ? here[name] : undefined;
  if (typeof here === 'number') return String(here);
  return typeof here === 'string' && here.trim() ? here.trim().slice(0, LONGEST) : undefined;
}

interface Columns {
  /** Absent where nothing asks for one of them. */
  readonly id?: string;
  readonly title: string;
  readonly note: readonly string[];
}

/** A list under a name, or without one a bare array. Lines without a title are left out. */
export function list(name: string | undefined, { id, title, note }: Columns): Read {
  const Things = v.array(Thing);
  return text => {
    const said = parsed(text);
    const body = v.safeParse(name === undefined ? Things : v.object({ [name]: Things }), said);
    if (!body.success) throw unreadable('something that is no such list');
    const things = Array.isArray(body.output) ? body.output : (name && body.output[name]) || [];
    const rows = things.flatMap((thing): Row[] => {
      const titled = at(thing, title);
      if (titled === undefined) return [];
      const notes = note.flatMap(path => at(thing, path) ?? []).join(', ');
      return [{ id: (id && at(thing, id)) ?? '', title: titled, ...(notes && { note: notes }) }];
    });
    // Absent, null or empty where a list ends.
    const more = v.is(v.object({ next: v.number() }), said);
    return { item: { type: 'list', id: 'only', rows, total: rows.length, last: true }, more };
  };
}

const plain = (text: string): Heard => ({ item: { type: 'text', id: 'only', text, last: true } });

/** Any JSON, in lines, without what looks like a secret. */
export const json: Read = text => {
  if (text.trim() === '') return plain('Done. Run:ai answered with nothing.');
  const said = parsed(text);
  if (said === undefined) throw unreadable('something that is not JSON');
  return plain(scrub(inLines(said, text)));
};

const Count = v.object({ count: v.pipe(v.number(), v.integer(), v.minValue(0)) });

export function countIn(text: string): number {
  const read = v.safeParse(Count, parsed(text));
  if (read.success) return read.output.count;
  throw unreadable('no number where it was to count');
}

export const count: Read = text => plain(String(countIn(text)));

const Accepted = v.object({ message: v.string() });

/** What is asked of a workload is accepted, and done later. */
export const accepted: Read = text => {
  if (text.trim() === '') return plain('Accepted.');
  const said = parsed(text);
  if (said === undefined) throw unreadable('something that is not JSON');
  return plain(v.is(Accepted, said) ? said.message.slice(0, LONGEST) : 'Accepted.');
};

const Batch = v.object({
  succeeded: v.optional(v.array(v.string()), []),
  failed: v.optional(
    v.array(v.object({ id: v.string(), code: v.optional(v.unknown()), message: v.optional(v.string(), '') })),
    [],
  ),
});

/** Done for some and not for others, and a 200 all the same. Throws where it was done for none. */
export const batch: Read = (text, { action = '' }) => {
  const read = v.safeParse(Batch, parsed(text));
  if (!read.success) throw unreadable('something that does not say what was done');
  const { succeeded, failed } = read.output;
  const rows = [
    ...succeeded.map(id => ({ id, title: `Accepted: ${action}` })),
    ...failed.map(({ id, message }) => ({ id, title: `Failed: ${message.slice(0, LONGEST)}` })),
  ];
  const item: TaskItem = { type: 'list', id: 'only', rows, total: rows.length };
  const [first] = failed;
  if (!first) return { item: { ...item, last: true } };
  const failure = new Failure('invalid', `${failed.length} of ${rows.length} could not be done.`, {
    next: 'The list says which, and why. The others were accepted.',
    service: {
      ...(first.code !== undefined && { code: String(first.code) }),
      text: first.message.slice(0, LONGEST),
    },
  });
  if (succeeded.length === 0) {
    throw Failure.from({
      ...failure.report,
      message: 'None of them could be done.',
      next: 'Run:ai’s own words are below.',
    });
  }
  return { item, refused: { count: failed.length, failure: failure.report } };
};
