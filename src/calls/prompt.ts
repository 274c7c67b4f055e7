import * as v from 'valibot';

/** A task that the person saved under a name, to be run on what is selected on a page. */
export const Prompt = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  name: v.pipe(v.string(), v.trim(), v.nonEmpty('Name is empty.'), v.maxLength(60)),
  /** What it is for: selected text, or a picture on a page. */
  on: v.picklist(['text', 'image']),
  service: v.pipe(v.string(), v.nonEmpty(), v.maxLength(100)),
  operation: v.pipe(v.string(), v.nonEmpty(), v.maxLength(100)),
  /** The key's id; without one the key of the service that was used last. */
  key: v.exactOptional(v.pipe(v.string(), v.uuid())),
  /** What goes into the task's field `prompt`: text with `{{selection}}`, `{{title}}` and `{{url}}` in it. */
  template: v.pipe(v.string(), v.maxLength(10_000, 'Template can have at most 10,000 characters.')),
  /** Other fields of the task, where they are to be other than usual. */
  values: v.pipe(
    v.record(v.pipe(v.string(), v.maxLength(100)), v.pipe(v.string(), v.maxLength(10_000))),
    v.check(values => Object.keys(values).length <= 50),
  ),
  note: v.exactOptional(v.pipe(v.string(), v.maxLength(300, 'Note can have at most 300 characters.'))),
});
export type Prompt = v.InferOutput<typeof Prompt>;

/** As many as a menu can hold and a person can find something in. */
export const MOST_PROMPTS = 50;

export const Prompts = v.pipe(
  v.array(Prompt),
  v.maxLength(MOST_PROMPTS, `There can be at most ${MOST_PROMPTS} prompts.`),
  v.check(prompts => new Set(prompts.map(({ id }) => id)).size === prompts.length),
);
