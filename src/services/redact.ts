import { Failure, type FailureReport } from '../failure';
import { scrub } from '../guard/shapes';
import type { OpenedKey } from '../vault/key-index';
import type { Service, Task, TaskEvent } from './service';

/** Characters in a row that already tell too much of a secret. */
const RUN = 12;

/**
 * The text without anything of a secret's shape and without any run of the secrets' characters: some
 * services quote the key that they reject, and some quote other keys.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return withoutRuns(scrub(text), secrets);
}

function withoutRuns(text: string, secrets: readonly string[]): string {
  let kept = '';
  for (let at = 0; at < text.length; ) {
    const length = Math.max(0, ...secrets.map(secret => quoted(text, at, secret)));
    kept += length > 0 ? '[removed]' : text[at];
    at += length || 1;
  }
  return kept;
}

/** How many characters of the secret stand at this place, if they are enough to tell. */
function quoted(text: string, at: number, secret: string): number {
  let length = Math.min(RUN, secret.length);
  if (length === 0 || !secret.includes(text.slice(at, at + length)) || at + length > text.length) return 0;
  while (at + length < text.length && secret.includes(text.slice(at, at + length + 1))) length++;
  return length;
}

/** What a service answers, without a secret of the key that stands in it whole. */
function unquoted(event: TaskEvent, secrets: readonly string[]): TaskEvent {
  const clean = (text: string) =>
    secrets.reduce((left, secret) => (secret ? left.replaceAll(secret, '[removed]') : left), text);
  switch (event.type) {
    case 'text':
    case 'partial':
      return { ...event, text: clean(event.text) };
    case 'list': {
      const rows = event.rows.map(({ id, title, note, fills }) => ({
        ...{ id: clean(id), title: clean(title) },
        ...(note !== undefined && { note: clean(note) }),
        ...(fills && { fills }),
      }));
      return { ...event, rows };
    }
    default:
      return event;
  }
}

type Clean = (report: FailureReport, key: OpenedKey) => FailureReport;

const cleaning =
  (names: readonly string[]): Clean =>
  (report, key) => {
    const secrets = names.flatMap(name => key.fields[name] ?? []);
    const { service } = report;
    if (!service) return report;
    const parts = Object.entries(service).map(([name, text]) => [name, redact(text, secrets)]);
    return { ...report, service: Object.fromEntries(parts) };
  };

/** A service none of whose failures quotes the key; `names` are those of its secret fields. */
export function withoutSecrets(service: Service, names: readonly string[]): Service {
  const cleaned = cleaning(names);
  async function* clean(
    events: AsyncGenerator<TaskEvent, void>,
    key: OpenedKey,
  ): AsyncGenerator<TaskEvent, void> {
    try {
      for await (const event of events) {
        yield event.type === 'refused'
          ? { ...event, failure: cleaned(event.failure, key) }
          : unquoted(
              event,
              names.flatMap(name => key.fields[name] ?? []),
            );
      }
    } catch (thrown) {
      throw thrown instanceof Failure ? Failure.from(cleaned(thrown.report, key)) : thrown;
    }
  }
  /** Of one question: its answer, or its failure without what must not be quoted. */
  const asked = async <T>(answer: Promise<T>, key: OpenedKey): Promise<T> => {
    try {
      return await answer;
    } catch (thrown) {
      throw thrown instanceof Failure ? Failure.from(cleaned(thrown.report, key)) : thrown;
    }
  };
  const { price, balance, accounts } = service;
  return {
    lock: () => service.lock(),
    sketch: (task, fields) => service.sketch(task, fields),
    ...(price && { price: (task, key, signal) => asked(price(task, key, signal), key) }),
    ...(accounts && {
      accounts: {
        list: (key, signal) => asked(accounts.list(key, signal), key),
        put: (key, account, signal) => asked(accounts.put(key, account, signal), key),
        remove: (key, email, signal) => asked(accounts.remove(key, email, signal), key),
      },
    }),
    ...(balance && { balance: (key, signal) => asked(balance(key, signal), key) }),
    run: (task: Task, key, signal) => clean(service.run(task, key, signal), key),
    recover: (task, kept, key, signal) => clean(service.recover(task, kept, key, signal), key),
    verify: async (key, signal) => {
      const verdict = await service.verify(key, signal);
      return verdict.outcome === 'works' ? verdict : { ...verdict, failure: cleaned(verdict.failure, key) };
    },
  };
}
