import { Failure, type FailureReport } from '../failure';
import { scrub } from '../guard/shapes';
import type { OpenedKey } from '../vault/key-index';
import { type Account, keptIn } from './accounts';
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

/** What a key holds that nobody may read: its own secrets, and the passwords that are kept with it. */
interface Held {
  readonly own: readonly string[];
  readonly all: readonly string[];
}

const without = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((left, secret) => (secret ? left.replaceAll(secret, '[removed]') : left), text);

/** What a service answers, without a secret of the key that stands in it whole. */
function unquoted(event: TaskEvent, { own, all }: Held): TaskEvent {
  const clean = (text: string) => without(text, all);
  switch (event.type) {
    case 'text':
    case 'partial':
      return { ...event, text: clean(event.text) };
    case 'list': {
      const rows = event.rows.map(({ id, title, note, fills }) => ({
        // A password may be a part of an e-mail, which is still to be found by it.
        ...{ id: without(id, own), title: clean(title) },
        ...(note !== undefined && { note: clean(note) }),
        ...(fills && { fills }),
      }));
      return { ...event, rows };
    }
    default:
      return event;
  }
}

const redacted = <Texts extends object>(texts: Texts, secrets: readonly string[]): Texts => ({
  ...texts,
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, redact(text, secrets)])),
});

/** What a service says of an account, without what the key holds. */
const unquotedAccount = (account: Account, secrets: readonly string[]): Account => ({
  ...account,
  ...(account.workspace && { workspace: redacted(account.workspace, secrets) }),
  ...(account.error !== undefined && { error: redact(account.error, secrets) }),
});

/** A service none of whose failures quotes the key; `names` are those of its secret fields. */
export function withoutSecrets(service: Service, names: readonly string[]): Service {
  const heldBy = ({ fields }: OpenedKey): Held => {
    const own = names.flatMap(name => fields[name] ?? []);
    return { own, all: [...own, ...Object.values(keptIn(fields)).map(({ password }) => password)] };
  };
  const cleaned = (report: FailureReport, key: OpenedKey): FailureReport =>
    report.service ? { ...report, service: redacted(report.service, heldBy(key).all) } : report;
  async function* clean(
    events: AsyncGenerator<TaskEvent, void>,
    key: OpenedKey,
  ): AsyncGenerator<TaskEvent, void> {
    const held = heldBy(key);
    try {
      for await (const event of events) {
        yield event.type === 'refused'
          ? { ...event, failure: cleaned(event.failure, key) }
          : unquoted(event, held);
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
        list: async (key, signal) =>
          (await asked(accounts.list(key, signal), key)).map(one => unquotedAccount(one, heldBy(key).all)),
        put: async (key, account, signal) =>
          unquotedAccount(await asked(accounts.put(key, account, signal), key), [
            ...heldBy(key).all,
            account.password,
          ]),
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
