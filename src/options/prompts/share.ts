import * as v from 'valibot';
import { MOST_PROMPTS, Prompt } from '../../calls/prompt';
import { Failure } from '../../failure';
import { scrub, secretsIn } from '../../guard/shapes';
import { checked, filledWith } from './checked';
import { choiceOf, taskSaid } from './tasks';

const FORMAT = 'runkey-prompts';
const VERSION = 1;

/** Bytes: fifty prompts at their longest usual, many times over. */
const LARGEST = 2_000_000;

/** What a file says of a prompt. Ids are each browser's own, and whose key pays is nobody else's business. */
const Shared = v.omit(Prompt, ['id', 'key']);
export type Shared = v.InferOutput<typeof Shared>;

const Marked = v.object({ format: v.literal(FORMAT), version: v.pipe(v.number(), v.integer()) });
const File1 = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  prompts: v.array(v.unknown()),
});

/** One prompt of a file: as it would be added, or why it would not. */
export type Entry =
  | { readonly shared: Shared }
  | { readonly name: string | undefined; readonly at: number; readonly why: string };

/** The file's text. Throws `refused` where one of them looks as if it held a secret, `bad-input` where all are too large. */
export function written(prompts: readonly Prompt[]): string {
  for (const { id: _, key: __, ...prompt } of prompts) {
    const what = secretIn(prompt);
    if (what)
      throw new Failure(
        'refused',
        `Nothing was saved: “${scrub(prompt.name)}” looks as if it held ${what}.`,
        {
          next: 'Take that out of the prompt. Whoever gets the file could read it.',
        },
      );
  }
  const file: v.InferInput<typeof File1> = {
    format: FORMAT,
    version: VERSION,
    prompts: prompts.map(({ id: _, key: __, ...prompt }) => prompt),
  };
  const text = `${JSON.stringify(file, null, 2)}\n`;
  if (new Blob([text]).size <= LARGEST) return text;
  throw new Failure('bad-input', 'Nothing was saved: together the prompts are larger than 2 MB.', {
    next: 'Shorten the longest ones.',
  });
}

/** Reads a file that may be anybody’s. Throws `bad-input` with the reason where it is none of prompts. */
export async function entriesOf(file: Blob): Promise<readonly Entry[]> {
  if (file.size > LARGEST) throw refusal('That file is larger than 2 MB, which no file of prompts is.');
  const content = parsed(await file.text());
  const marked = v.safeParse(Marked, content);
  if (!marked.success) throw refusal('That file does not hold prompts of Runkey.');
  if (marked.output.version > VERSION)
    throw new Failure('bad-input', 'That file was written by a newer Runkey, which this one cannot read.', {
      next: 'Update Runkey, and add the file again.',
    });
  const read = v.safeParse(File1, content);
  if (!read.success) throw refusal('That file is damaged: it does not have the shape of a file of prompts.');
  const { prompts } = read.output;
  if (prompts.length === 0) throw refusal('There is no prompt in that file.');
  if (prompts.length > MOST_PROMPTS)
    throw refusal(
      `There are ${prompts.length} prompts in that file, and there can be at most ${MOST_PROMPTS}.`,
    );
  return prompts.map((prompt, at) => entryOf(prompt, at + 1));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal(text.trim() === '' ? 'That file is empty.' : 'That file is not JSON.');
  }
}

const refusal = (message: string): Failure =>
  new Failure('bad-input', message, { next: 'Choose a file that “Save to a file” has made.' });

const Named = v.object({ name: Prompt.entries.name });

function entryOf(stored: unknown, at: number): Entry {
  const refused = (why: string): Entry => {
    const named = v.safeParse(Named, stored);
    return { at, why, name: named.success ? scrub(named.output.name) : undefined };
  };
  const read = v.safeParse(Shared, stored, { abortEarly: true });
  if (!read.success) return refused('It does not have the shape of a prompt.');
  const { output: shared } = read;
  const choice = choiceOf(shared);
  if (!choice) return refused(`It is for ${taskSaid(shared)}.`);
  const strange = Object.keys(shared.values).find(
    name => !choice.operation.fields.some(field => field.name === name && !isOwn(field)),
  );
  if (strange !== undefined) return refused(`It sets “${strange}”, which its task does not have.`);
  const { prompt, own, others } = checked(filledWith(shared, choice));
  if (!prompt) return refused(Object.values({ ...others, ...own })[0] ?? 'Something in it is at fault.');
  const what = secretIn(prompt);
  return what ? refused(`It looks as if it held ${what}.`) : { shared: prompt };
}

/** What no prompt sets: the template fills one, and the page has the other. */
const isOwn = ({ name, kind }: { name: string; kind: string }): boolean =>
  name === 'prompt' || kind === 'image';

function secretIn({ name, template, note = '', values }: Shared): string | undefined {
  for (const text of [name, template, note, ...Object.values(values)]) {
    const [found] = secretsIn(text);
    if (found) return found.shape.what;
  }
  return undefined;
}
