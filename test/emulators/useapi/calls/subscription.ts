import type { Answer } from '../../loopback/wire';
import { lapsed } from '../failures';
import { Params } from '../params';
import type { Visit } from '../world';

/** /v2/account: who the token is, what is paid, and how its accounts are. No secret is in it. */
export function readSubscription({ subscriber, world: { switches } }: Visit): Answer {
  const { id, label, active, subscriptions, accounts } = subscriber;
  if (!active && switches.lapsed === 'refused') throw lapsed();
  const total = accounts.size;
  const error = [...accounts.values()].filter(account => account.error).length;
  const counted = { total, active: total - error, ...(error > 0 && { error }) };
  return {
    status: 200,
    body: {
      id: Number(id),
      email: `${label.replaceAll(' ', '-')}@example.org`,
      created: '2023-07-25T03:02:28.676Z',
      name: label,
      subscriptionIsActive: active,
      subscriptions,
      maxAccountsPerAPI: 3 * subscriptions,
      accounts: total > 0 ? { [switches.serviceName]: counted } : {},
      verified: '2023-07-25T03:02:53.252Z',
      sub: '250405',
    },
  };
}

const bots = 'midjourney,google-flow,kling,runwayml,pixverse,minimax,mureka,tempolor,ltxstudio'.split(',');

/** /v2/account/stats: how many jobs there were. They take some minutes to show. */
export function readStatistics({ call, subscriber, world }: Visit): Answer {
  if (!subscriber.active) throw lapsed();
  const params = Params.ofQuery(call);
  const bot = params.text('bot', { required: true, among: bots });
  const limit = params.integer('limit', { least: 1, most: 50_000 });
  const date = params.text('date') ?? new Date().toISOString().slice(0, 10);
  const config = params.text('config');
  const shown = Date.now() - world.switches.statsLagMs;
  const jobs = world.tasks.all
    .filter(task => bot === 'runwayml' && task.subscriber === subscriber && task.bornAt <= shown)
    .filter(({ email }) => config === undefined || email === config)
    .map(({ email, bornAt }) => ({ email, at: new Date(bornAt).toISOString() }))
    .filter(({ at }) => limit !== undefined || at.startsWith(date))
    .slice(-(limit ?? 50_000));
  const byConfig: Record<string, number> = {};
  for (const { email } of jobs) byConfig[email] = (byConfig[email] ?? 0) + 1;
  const summary = { from: jobs[0]?.at ?? null, to: jobs.at(-1)?.at ?? null, by_config: byConfig };
  return { status: 200, body: { bot, date, total: jobs.length, summary } };
}
