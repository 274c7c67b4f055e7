import type { Values } from '../fields';
import type { Row, TaskItem } from '../service';
import { incomplete } from './errors';
import { type Job, jobOf, type Kind, kindOf, linksOf } from './job';
import { accountsOf } from './read-account';
import { type Item, isObject, listOf, numberOf, words } from './values';

/** Reads an answer. Throws `unreadable-answer`. */
export type Read = (body: unknown, values: Values) => readonly TaskItem[];

const row = (id: string, title: string, ...notes: readonly (string | false | undefined)[]): Row => {
  const note = notes.filter(Boolean).join(', ');
  return { id, title, ...(note && { note }) };
};

/** The one list that most answers are; of what was searched for only what has it. */
function list(rows: readonly Row[], { search = '' }: Values = {}): readonly TaskItem[] {
  const wanted = search.toLowerCase();
  const found = rows.filter(({ id, title }) => `${title} ${id}`.toLowerCase().includes(wanted));
  return [{ type: 'list', id: 'list', rows: found, total: found.length }];
}

function listed(body: unknown, name: string): readonly Item[] {
  const found = listOf(body, name);
  if (found) return found;
  throw incomplete(`its list of ${name}`);
}

function object(body: unknown, what: string): Item {
  if (isObject(body)) return body;
  throw incomplete(what);
}

/** A day and a minute, as they stand in the answer. */
const moment = (at: unknown): string | undefined => words(at)?.slice(0, 16).replace('T', ' ');

/** What a finished task has made; `usual` is what it makes. */
export const results =
  (usual: Kind): Read =>
  body => {
    const job = jobOf(body);
    return job ? linksOf(job, usual) : [];
  };

const rowOf = ({ id, name, status, type, percent, made }: Job): Row =>
  row(
    id,
    name ?? type ?? 'Task',
    status === 'RUNNING' && percent !== undefined ? `${status} ${percent} %` : status,
    type,
    made !== undefined && moment(new Date(made).toISOString()),
  );

export const tasks: Read = (body, values) =>
  list(
    listed(body, 'tasks').flatMap(item => {
      const job = jobOf(item);
      return job ? rowOf(job) : [];
    }),
    values,
  );

/** Where it stands, and what it has made. */
export const task: Read = body => {
  const job = jobOf(body);
  if (!job) throw incomplete('a task');
  return [...list([rowOf(job)]), ...linksOf(job, 'image')];
};

/** What is gone, by the field that named it. */
export const gone =
  (field: string, title: string): Read =>
  (_, values) =>
    list([row(values[field] ?? '', title)]);

export const credits: Read = body => {
  const { permitted, used, teams } = object(body, 'the features of the account');
  const [may, has] = [permitted, used].map(part => (isObject(part) ? part : {}));
  const [all, spent] = [numberOf(may?.numPlanCredits), numberOf(has?.numPlanCredits) ?? 0];
  const [room, taken] = [numberOf(may?.storageGB), numberOf(has?.storageGB)];
  return list([
    ...(all === undefined ? [] : [row('', `${all - spent} credits left`, `${spent} of ${all} used`)]),
    ...(room === undefined ? [] : [row('', `${taken ?? 0} of ${room} GB used`)]),
    ...(listOf(teams, '') ?? []).flatMap(team => {
      const id = words(team.id);
      return id ? [row(id, words(team.name) ?? 'Workspace', 'workspace', words(team.plan))] : [];
    }),
  ]);
};

export const scheduled: Read = (body, values) =>
  list(
    listed(body, 'scheduler').flatMap(item => {
      const id = words(item.taskId);
      return id ? [row(id, 'Tracked', words(item.replyRef))] : [];
    }),
    values,
  );

const assetRow = (item: Item): Row[] => {
  const id = words(item.assetId);
  const size = numberOf(item.size);
  const weight = size !== undefined && `${Math.max(1, Math.round(size / 1000))} kB`;
  return id ? [row(id, words(item.name) ?? 'Asset', kindOf(item), weight, moment(item.createdAt))] : [];
};

export const assets: Read = (body, values) => list(listed(body, 'assets').flatMap(assetRow), values);

/** It, and where it lies. */
export const asset: Read = body => {
  const item = object(body, 'an asset');
  const rows = assetRow(item);
  if (rows.length === 0) throw incomplete('an asset');
  const { url } = item;
  const link = typeof url === 'string' && URL.canParse(url);
  return [
    ...list(rows),
    ...(link ? [{ type: 'link', id: 'file', url, of: kindOf(item) ?? 'image' } as const] : []),
  ];
};

/** The id by which tasks take it. */
export const uploaded: Read = body => {
  const rows = assetRow(object(body, 'the id of the asset'));
  if (rows.length === 0) throw incomplete('the id of the asset');
  return list(rows);
};

export const accounts: Read = (body, values) =>
  list(
    accountsOf(body).map(({ email, maxJobs, session, error, workspace }) =>
      row(
        email,
        email,
        maxJobs !== undefined && `${maxJobs} at once`,
        workspace?.name,
        error ?? (session && `session until ${new Date(session.until).toISOString().slice(0, 10)}`),
      ),
    ),
    values,
  );

/** Who the token is and what is paid. The answer also holds names and addresses: they are not looked at. */
export const subscription: Read = body => {
  const { subscriptionIsActive, subscriptions, maxAccountsPerAPI, accounts } = object(body, 'an account');
  if (typeof subscriptionIsActive !== 'boolean') throw incomplete('whether the subscription is active');
  const paid = numberOf(subscriptions);
  const each = numberOf(maxAccountsPerAPI);
  const counts = Object.entries(isObject(accounts) ? accounts : {}).slice(0, 50);
  return list([
    row(
      '',
      subscriptionIsActive ? 'Subscription active' : 'Subscription has run out',
      paid !== undefined && `${paid} subscription${paid === 1 ? '' : 's'}`,
      each !== undefined && `${each} accounts for each service`,
    ),
    ...counts.map(([service, count]) => {
      const { total, active, error } = isObject(count) ? count : {};
      const [all, good, bad] = [total, active, error].map(numberOf);
      return row(
        '',
        service.slice(0, 100),
        all !== undefined && `${all} configured`,
        good !== undefined && `${good} active`,
        bad !== undefined && bad > 0 && `${bad} in error`,
      );
    }),
  ]);
};

export const usage: Read = body => {
  const { total, date, summary } = object(body, 'the usage');
  const jobs = numberOf(total);
  if (jobs === undefined) throw incomplete('the number of jobs');
  const by = isObject(summary) && isObject(summary.by_config) ? summary.by_config : {};
  return list([
    row('', `${jobs} job${jobs === 1 ? '' : 's'}`, words(date)),
    ...Object.entries(by)
      .slice(0, 50)
      .flatMap(([email, count]) => {
        const number = numberOf(count);
        return number === undefined ? [] : [row(email, email, String(number))];
      }),
  ]);
};
