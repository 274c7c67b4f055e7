import * as v from 'valibot';

/** Characters of the service's own words that are kept. */
const LONGEST = 2_000;

const words = v.fallback(
  v.optional(
    v.pipe(
      v.string(),
      v.transform(text => text.slice(0, LONGEST)),
    ),
  ),
  undefined,
);
const Detail = v.object({ message: words, code: words });
const Sentence = v.pipe(
  words,
  v.transform(message => ({ message, code: undefined })),
);

/** What is documented of failures: `error` a sentence or an object, `message`, `hint`, `code`, `executionId`. */
const Body = v.object({
  error: v.fallback(v.optional(v.union([Detail, Sentence])), undefined),
  message: words,
  code: words,
  hint: words,
  executionId: words,
});

/** An error in Runtype's own words. All of it is untrusted. */
export interface Refusal {
  readonly text?: string;
  readonly code?: string;
  readonly executionId?: string;
}

/** Reads the error in a body or an event. Undefined for what is no object, and so is not Runtype's. */
export function refusalIn(body: unknown): Refusal | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const read = v.safeParse(Body, body);
  if (!read.success) return {};
  const { error, message, code = error?.code, hint, executionId } = read.output;
  const text = [error?.message ?? message, hint].filter(Boolean).join(' ');
  return { ...(text && { text }), ...(code && { code }), ...(executionId && { executionId }) };
}
