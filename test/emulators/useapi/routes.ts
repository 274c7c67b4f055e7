import type { Answer } from '../loopback/wire';
import { deleteAccount, listAccounts, readAccount, writeAccount } from './calls/accounts';
import { deleteAsset, listAssets, readAsset, uploadAsset } from './calls/assets';
import { createAt, createTask } from './calls/create';
import { readFeatures } from './calls/features';
import { forgetScheduled, listScheduled } from './calls/scheduler';
import { readStatistics, readSubscription } from './calls/subscription';
import { deleteTask, listTasks, readTask } from './calls/tasks';
import { lapsed, notFound } from './failures';
import type { Visit } from './world';

type Whole = (visit: Visit) => Answer;
type Single = (visit: Visit, raw: string) => Answer;

/** Paths as they are documented: lists end in a slash, all but one. */
const whole: Readonly<Record<string, Whole>> = {
  'GET accounts': listAccounts,
  'GET tasks/': listTasks,
  'GET scheduler/': listScheduled,
  'GET assets/': listAssets,
  'POST assets/': uploadAsset,
  'GET features/': readFeatures,
};

const single: Readonly<Record<string, Single>> = {
  'GET accounts': readAccount,
  'POST accounts': writeAccount,
  'DELETE accounts': deleteAccount,
  'GET tasks': readTask,
  'DELETE tasks': deleteTask,
  'DELETE scheduler': forgetScheduled,
  'GET assets': readAsset,
  'DELETE assets': deleteAsset,
};

const base = '/v1/runwayml/';

/** Does what a call whose token is good asks for. Only /v2/account works without a paid subscription. */
export function answer(visit: Visit): Answer {
  const { method, path } = visit.call;
  if (method === 'GET' && path === '/v2/account') return readSubscription(visit);
  if (method === 'GET' && path === '/v2/account/stats') return readStatistics(visit);
  if (!path.startsWith(base)) throw notFound();
  if (!visit.subscriber.active) throw lapsed();
  const place = path.slice(base.length);

  const listed = wholeAt(method, place, visit);
  if (listed) return listed(visit);
  const [, name, raw] = /^([^/]+)\/(.+)$/.exec(place) ?? [];
  const one = single[`${method} ${name}`];
  if (one && raw !== undefined) return one(visit, raw);
  const rule = method === 'POST' ? createAt(place) : undefined;
  if (rule) return createTask(visit, place, rule);
  throw notFound();
}

function wholeAt(method: string, place: string, { world }: Visit): Whole | undefined {
  const exact = whole[`${method} ${place}`];
  if (exact || world.switches.slashes === 'documented') return exact;
  const other = place.endsWith('/') ? place.slice(0, -1) : `${place}/`;
  return whole[`${method} ${other}`];
}
