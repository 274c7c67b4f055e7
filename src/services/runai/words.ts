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
const code = v.fallback(v.optional(v.union([v.string(), v.number()])), undefined);

/** Failures in all their forms: the control plane's, that of RFC 6749, a cluster's (Kubernetes). */
const Body = v.object({
  code,
  message: words,
  details: words,
  error: words,
  error_description: words,
  reason: words,
});

/** An error in Run:ai's own words. All of it is untrusted. */
export interface Refusal {
  readonly code?: string;
  readonly text?: string;
}

/** Reads the error in a body. Undefined for what is no object, and so is not Run:ai's. */
export function refusalIn(body: unknown): Refusal | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const read = v.safeParse(Body, body);
  if (!read.success) return {};
  const { error, error_description, message = error_description, details, reason } = read.output;
  const named = error ?? reason ?? read.output.code;
  const text = [message, details].filter(Boolean).join(' ');
  return { ...(named !== undefined && { code: String(named) }), ...(text && { text }) };
}
