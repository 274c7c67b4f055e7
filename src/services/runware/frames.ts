/** An error as Runware says it. Every field is untrusted. */
export interface RunwareError {
  readonly code?: string;
  readonly text: string;
  readonly parameter?: string;
  /** What the parameter may be, in words: "from 128 to 2048, a multiple of 64". */
  readonly limits?: string;
}

/** What one part of a frame says. A frame may hold several, for several tasks. */
export type Answer =
  | { readonly kind: 'authenticated'; readonly session: string }
  | { readonly kind: 'pong' }
  | { readonly kind: 'item'; readonly task: string; readonly item: Item }
  | {
      readonly kind: 'error';
      readonly task?: string;
      readonly taskType?: string;
      /** Of one item among the task's others, which may still come; or of a task that is over, as the archive has it. */
      readonly of?: 'item' | 'archive';
      readonly error: RunwareError;
    }
  | { readonly kind: 'unreadable' };

export type Item = Readonly<Record<string, unknown>>;

/** Characters of an error's words that are kept, and that an id may have. */
const LONGEST = 2_000;

/** Whether it is an object. What is in it is untrusted still. */
export const isItem = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, LONGEST) : undefined;
const id = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= LONGEST ? value : undefined;
const list = (value: unknown): unknown[] =>
  value === undefined || value === null || value === false ? [] : Array.isArray(value) ? value : [value];

/**
 * Reads a frame, or the body of a REST answer, in every shape that Runware's pages and clients show:
 * `data` and `errors` together or alone, as a list or one object, `error` for `errors`, the old
 * `{error: true, errorMessage}`, and failures inside `data` as items with `status: "error"`.
 * Never throws; what cannot be read says so.
 */
export function readFrame(frame: unknown): Answer[] {
  const body = parsed(frame);
  return body === undefined ? [{ kind: 'unreadable' }] : readBody(body);
}

/** What a text of JSON says; undefined for anything else. */
export function parsed(json: unknown): unknown {
  try {
    return typeof json === 'string' ? JSON.parse(json) : undefined;
  } catch {
    return undefined;
  }
}

function readBody(value: unknown, task?: string): Answer[] {
  const body = isItem(value) ? value : { data: value };
  const outer = id(body.taskUUID) ?? task;
  return [
    ...list(body.data).flatMap(item => readArchived(item, task) ?? readItem(item, task)),
    ...list(body.errors).map(error => readError(error, body, outer)),
    ...list(body.error).map(error => readError(error, body, outer)),
  ];
}

/** The archive's copy of a task (`getTaskDetails`) holds the answer as it was; undefined for anything else. */
function readArchived(item: unknown, outer?: string): Answer[] | undefined {
  if (!isItem(item) || item.taskType !== 'getTaskDetails') return undefined;
  const task = id(item.taskUUID);
  // There is no archive within an archive.
  if (!task || outer !== undefined) return [{ kind: 'unreadable' }];
  const { response } = item;
  const answer = isItem(response) && !('data' in response || 'errors' in response) ? [response] : response;
  return readBody(answer, task).map(part => (part.kind === 'error' ? { ...part, of: 'archive' } : part));
}

function readItem(item: unknown, outer?: string): Answer {
  if (!isItem(item)) return { kind: 'unreadable' };
  if (item.status === 'error') {
    return { ...readError(item.error ?? item, item, id(item.taskUUID) ?? outer), of: 'item' };
  }
  if (item.taskType === 'authentication') {
    const session = id(item.connectionSessionUUID);
    return session ? { kind: 'authenticated', session } : { kind: 'unreadable' };
  }
  if (item.taskType === 'ping') return { kind: 'pong' };
  const task = id(item.taskUUID) ?? outer;
  return task ? { kind: 'item', task, item } : { kind: 'unreadable' };
}

function readError(
  error: unknown,
  around: Item,
  outer: string | undefined,
): Extract<Answer, { kind: 'error' }> {
  const fields = isItem(error) ? error : {};
  const context = isItem(fields.context) ? fields.context : {};
  const task = id(fields.taskUUID) ?? id(context.taskUUID) ?? outer;
  const taskType = text(fields.taskType) ?? text(context.taskType) ?? text(around.taskType);
  const code = typeof fields.code === 'number' ? String(fields.code) : text(fields.code);
  const parameter = list(fields.parameter).map(text).filter(Boolean).join(', ');
  const said =
    text(fields.message) ??
    text(fields.errorMessage) ??
    text(error) ??
    text(around.errorMessage) ??
    text(around.message) ??
    '';
  return {
    kind: 'error',
    ...(task ? { task } : {}),
    ...(taskType ? { taskType } : {}),
    error: {
      text: said,
      ...(code ? { code } : {}),
      ...(parameter ? { parameter } : {}),
      ...limitsOf(fields),
    },
  };
}

function limitsOf({ min, max, multiplier, allowedValues }: Item): { limits?: string } {
  const known = (value: unknown) => (typeof value === 'number' ? String(value) : text(value));
  const [least, most, step] = [known(min), known(max), known(multiplier)];
  const allowed = list(allowedValues).slice(0, 50).map(known).filter(Boolean).join(', ');
  const limits = [
    least && most ? `from ${least} to ${most}` : least ? `at least ${least}` : most && `at most ${most}`,
    step && `a multiple of ${step}`,
    allowed && `one of ${allowed}`,
  ];
  const said = limits.filter(Boolean).join(', ');
  return said ? { limits: said } : {};
}
