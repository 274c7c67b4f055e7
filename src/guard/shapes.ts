/**
 * What secrets look like: the one place that knows. Every pattern starts at the edge of a word or behind
 * a fixed name and is linear in the text's length, for the texts are anybody's.
 */
export interface Shape {
  /** With its article, to stand in a sentence. */
  readonly what: string;
  /** Whose it is, whether Runkey has that service or not. */
  readonly service?: string;
  /** The key field that takes it; without it, the service's only required secret does. */
  readonly field?: string;
  /** `personal` is no key but nobody's business; `public` may be shown to anyone. Else it is a secret. */
  readonly care?: 'personal' | 'public';
  /** Global. It matches the secret and nothing around it. */
  readonly pattern: RegExp;
}

/** The edge of a word. An escaped line end or character before it is an edge too. */
const EDGE = String.raw`(?:(?<![\w-])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))`;

const word = (source: string, flags = 'g'): RegExp => new RegExp(EDGE + source, flags);

/** Tells random characters from the words of a name: a capital or a digit among them. */
const RANDOM = String.raw`(?=[a-z_-]*[A-Z\d])`;
/** The same for prefixes that names in programs begin with: a digit between letters, or mixed case. */
const VERY_RANDOM = String.raw`(?=[\w-]*(?:[A-Za-z]\d+[A-Za-z]|[a-z\d][A-Z]))`;

const NAMES = [
  'password',
  'jwt',
  'token',
  'secret',
  '(?:access|refresh|id|bearer|auth|api)[_-]?token',
  '(?:app|client|api)[_-]?secret',
  'api[_-]?key',
  'secret[_-]?key',
  'connectionSessionUUID',
].join('|');

/** The name of a value in data, and what stands between them. `<like this>` is no value. */
const behind = (quote: string, value: string): RegExp =>
  new RegExp(`(?<=${quote}(?:${NAMES})${quote}\\s{0,20}:\\s{0,20}${quote})(?!<[^<>"']{0,80}>)${value}`, 'gi');

const runtype = (what: string, source: string): Shape => ({
  what,
  service: 'runtype',
  pattern: word(source),
});

/** The more telling shape comes first. */
export const shapes: readonly Shape[] = [
  {
    what: 'a useapi.net API token',
    service: 'runway',
    // Ids of tasks and assets begin like a token, but a colon goes on with them.
    pattern: word(String.raw`user(?::|%3A)\d{1,15}-(?![A-Za-z0-9]+(?::|%3A)\S)[A-Za-z0-9]{6,}`),
  },
  {
    what: 'the e-mail address of a Runway account',
    service: 'runway',
    care: 'personal',
    pattern:
      /(?<=user(?::|%3A)\d{1,15}-[a-z]{1,30}(?::|%3A))[^\s:@"'<>\\]{1,64}?(?:@|%40)[^\s:@"'<>\\]{1,255}?(?=-(?:task|asset|[a-z]{1,20})(?::|%3A))/g,
  },
  runtype('a Runtype product key', String.raw`papi_${RANDOM}[\w-]{12,}`),
  runtype('a Runtype platform key', String.raw`(?:rt|tv)_(?:live|test)_${RANDOM}[\w-]{10,}`),
  runtype('a Runtype MCP key', String.raw`mcp_${VERY_RANDOM}[\w-]{16,}`),
  {
    what: 'a Runtype client token',
    service: 'runtype',
    care: 'public',
    pattern: word(String.raw`ct_(?:live|test)_[\w-]{8,}`),
  },
  {
    what: 'an Anthropic API key',
    service: 'anthropic',
    pattern: word(String.raw`sk-ant-${VERY_RANDOM}[\w-]{20,}`),
  },
  {
    what: 'an OpenAI API key',
    service: 'openai',
    pattern: word(String.raw`sk-(?!ant-)${VERY_RANDOM}[\w-]{20,}`),
  },
  {
    what: 'a Stripe secret key',
    service: 'stripe',
    pattern: word('[sr]k_(?:live|test)_[A-Za-z0-9]{16,}'),
  },
  {
    what: 'a GitHub token',
    service: 'github',
    pattern: word(String.raw`(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_(?=\w*\d)\w{22,})`),
  },
  {
    what: 'an AWS access key',
    service: 'aws',
    pattern: word(String.raw`A[KS]IA(?=[A-Z]{0,15}\d)[A-Z\d]{16}(?![A-Za-z\d])`),
  },
  {
    what: 'a Slack token',
    service: 'slack',
    pattern: word(String.raw`xox[a-z]-(?=[A-Za-z-]*\d)[A-Za-z\d-]{10,}`),
  },
  { what: 'a Google API key', service: 'google', pattern: word(String.raw`AIza[\w-]{35}(?![\w-])`) },
  { what: 'an age secret key', service: 'age', pattern: word('AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{40,}', 'gi') },
  {
    what: 'a private key',
    // Only with something of the key behind it: the line alone is a thing people write about.
    pattern:
      /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?=[\s\S]{0,200}?[A-Za-z0-9+/]{40})[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  {
    what: 'a session token (JWT)',
    pattern: word(String.raw`eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{4,}`),
  },
  { what: 'a value named as a secret', pattern: behind('"', String.raw`[^"\\]*(?:\\.[^"\\]*)*`) },
  { what: 'a value named as a secret', pattern: behind("'", String.raw`[^'\\]*(?:\\.[^'\\]*)*`) },
  // Data quoted inside data.
  { what: 'a value named as a secret', pattern: behind(String.raw`\\"`, String.raw`[^"\\]+`) },
  {
    what: 'a value named as a secret',
    pattern: new RegExp(`(?<=(?:^|[?&#;\\s])(?:${NAMES})=)[^\\s&#;"'<>]{4,}`, 'gi'),
  },
  {
    what: 'a value named as a secret',
    pattern:
      /(?<=\b[A-Z][A-Z0-9_]*_(?:API_?KEY|KEY|SECRET|TOKEN|PASSWORD)[ \t]{0,4}=[ \t]{0,4}["']?)[^\s"'<>$]{12,}/g,
  },
  {
    what: 'a credential of a request',
    pattern:
      /(?<=\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic)\s{1,4}|\bx-api-key["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"'<>\\$]{6,}/gi,
  },
];

/** Where a secret stands in a text, in UTF-16 units, the end exclusive. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly shape: Shape;
}

function findingsOf(text: string, wanted: (shape: Shape) => boolean): readonly Finding[] {
  const all = shapes
    .filter(wanted)
    .flatMap(shape =>
      [...text.matchAll(shape.pattern)]
        .filter(([matched]) => matched !== '')
        .map(({ index, 0: matched }) => ({ start: index, end: index + matched.length, shape })),
    );
  const apart: Finding[] = [];
  for (const next of all.sort((one, other) => one.start - other.start)) {
    const last = apart.at(-1);
    // What overlaps becomes one, or a tail of the second would be left standing.
    if (!last || next.start >= last.end) apart.push(next);
    else
      apart[apart.length - 1] = {
        ...moreTelling(last, next),
        start: last.start,
        end: Math.max(last.end, next.end),
      };
  }
  return apart;
}

const moreTelling = (one: Finding, other: Finding): Finding =>
  shapes.indexOf(other.shape) < shapes.indexOf(one.shape) ? other : one;

/** Every secret in the text, in order, none overlapping another. What is public by design is none. */
export function secretsIn(text: string): readonly Finding[] {
  return findingsOf(text, ({ care }) => care === undefined);
}

/** The shape that a whole word has, public ones too. */
export function shapeOf(text: string): Shape | undefined {
  return shapes.find(({ pattern }) => {
    const [first] = text.matchAll(pattern);
    return first?.index === 0 && first[0] === text && text !== '';
  });
}

/** The text with `[removed]` for each secret, and for each personal thing that should go no further. */
export function scrub(text: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of findingsOf(text, ({ care }) => care !== 'public')) {
    kept += `${text.slice(from, start)}[removed]`;
    from = end;
  }
  return kept + text.slice(from);
}
