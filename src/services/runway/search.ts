import type { Failure } from '../../failure';
import { isOfAnother } from './claims';
import type { Errand } from './errand';
import { exchange, isPassing, type Reply, type Wish } from './exchange';
import { type Job, jobOf } from './job';
import { nameOf, wishOf } from './operations';
import { accountsOf } from './read-account';
import { type Item, isObject, listOf, words } from './values';

/** What the service's lists say of something that may have been made. */
export type Found =
  | { readonly kind: 'found'; readonly id: string; readonly body: unknown }
  /** They were read, and it is not among them; or only something that may be another's. */
  | { readonly kind: 'nothing'; readonly failure?: Failure | undefined }
  /** They could not be read just now. */
  | { readonly kind: 'later'; readonly failure: Failure }
  /** They cannot be read until somebody has mended something. */
  | { readonly kind: 'barred'; readonly failure: Failure };

/** How many of the newest are looked through. */
const NEWEST = '100';
/** What the service's clock, told to a second, and ours may differ by although one is corrected by the other, ms. */
const INEXACT = 1_000;

/**
 * Looks for the task of a call that was sent then (ms since the epoch): first among those that are tracked, which
 * tell whose they are, then among all since then. One is taken only where no other could be meant.
 */
export async function findTask(errand: Errand, sent: number): Promise<Found> {
  const { task } = errand;
  const tracked = await look(errand, { method: 'GET', path: 'v1/runwayml/scheduler/' });
  if (tracked.kind !== 'answer') return unread(tracked);
  const entries = listOf(tracked.body, 'scheduler') ?? [];
  const mine = entries.find(({ replyRef }) => replyRef === task.id);
  const taskId = mine && words(mine.taskId);
  if (taskId) return { kind: 'found', id: taskId, body: { taskId } };
  const others = new Set(entries.filter(({ replyRef }) => words(replyRef)).map(entry => words(entry.taskId)));

  const form = formOf(errand);
  return throughAccounts(errand, 'tasks', (items, ahead) => {
    const jobs = items.flatMap(item => {
      const job = jobOf(item);
      return job ? [{ id: job.id, job, body: item }] : [];
    });
    const own = jobs.filter(({ job }) => job.ref === task.id);
    if (own.length > 0) return own;
    const since = sent + ahead - INEXACT;
    return jobs.filter(
      ({ id, job }) =>
        !others.has(id) && !isOfAnother(id, task.id) && (job.made ?? 0) >= since && isLike(job, form),
    );
  });
}

/** What the task's form says of it. */
function formOf({ task, key }: Errand): { prompt: string; seed: unknown } {
  const form: unknown = JSON.parse(String(wishOf(task, key.fields.email).body));
  const { text_prompt: prompt = '', seed } = isObject(form) ? form : {};
  return { prompt: String(prompt).trim(), seed };
}

/** Whether a task was made with the same prompt and, where both are told, the same seed. */
function isLike({ ref, prompt, seed }: Job, own: ReturnType<typeof formOf>): boolean {
  if (ref !== undefined) return false;
  if (own.seed !== undefined && seed !== undefined && own.seed !== seed) return false;
  return prompt?.trim() === own.prompt;
}

/** Looks for an upload by its name. */
export function findAsset(errand: Errand, sent: number): Promise<Found> {
  const name = nameOf(errand.task);
  return throughAccounts(errand, 'assets', (items, ahead) =>
    items.flatMap(item => {
      const id = words(item.assetId);
      const made = Date.parse(words(item.createdAt) ?? '');
      const fits = item.name === name && !(made < sent + ahead - INEXACT);
      return id && fits ? [{ id, body: item }] : [];
    }),
  );
}

type Fitting = (items: readonly Item[], ahead: number) => readonly { id: string; body: unknown }[];

async function throughAccounts(errand: Errand, of: 'tasks' | 'assets', fitting: Fitting): Promise<Found> {
  const emails = await accountsToSearch(errand);
  if ('kind' in emails) return emails;
  const found: { id: string; body: unknown }[] = [];
  let failure: Failure | undefined;
  for (const email of emails) {
    const query = { offset: '0', limit: NEWEST, email };
    const reply = await look(errand, { method: 'GET', path: `v1/runwayml/${of}/`, query });
    if (reply.kind === 'answer') found.push(...fitting(listOf(reply.body, of) ?? [], reply.ahead));
    else if (isPassing(reply)) return { kind: 'later', failure: reply.failure };
    // It is in error, or gone: the others may have it.
    else failure = reply.failure;
  }
  const [only, another] = found;
  return only && !another ? { kind: 'found', ...only } : { kind: 'nothing', failure };
}

/** The account that was named, or that owns what was named; else any may have run it. */
async function accountsToSearch(errand: Errand): Promise<readonly string[] | Found> {
  const { task, key } = errand;
  const owners = Object.values(task.values).flatMap(
    value => /^user:\d+-[a-z]+:(\S+)-asset:/.exec(value)?.[1] ?? [],
  );
  const named = owners[0] ?? task.values.account ?? key.fields.email;
  if (named) return [named];
  const reply = await look(errand, { method: 'GET', path: 'v1/runwayml/accounts' });
  if (reply.kind !== 'answer') return unread(reply);
  return accountsOf(reply.body).map(({ email }) => email);
}

const look = (errand: Errand, wish: Wish): Promise<Reply> => exchange(errand.key, wish, errand.signal);

const unread = (reply: Exclude<Reply, { kind: 'answer' }>): Found => ({
  kind: isPassing(reply) ? 'later' : 'barred',
  failure: reply.failure,
});
