import { setTimeout as sleep } from 'node:timers/promises';
import type { Unattached } from '../browser/drive/chromium-unattached';
import { type TraceEvent, traceBrowser } from '../browser/drive/trace';

const CATEGORIES = [
  'disabled-by-default-devtools.timeline',
  'devtools.timeline',
  'v8',
  'v8.execute',
] as const;

/** What shows in the trace when script is entered: by a timer, by the network, by the browser, by a kept promise. */
const SCRIPT: readonly string[] = [
  'TimerFire',
  'FunctionCall',
  'v8.callFunction',
  'RunMicrotasks',
  'EvaluateScript',
];

/** How often the extension's worker wakes up in so many ms: turns of its thread in which script ran. */
export async function wakeUpsOf({ debuggerAddress }: Unattached, ms: number): Promise<number> {
  const trace = await traceBrowser(debuggerAddress, CATEGORIES);
  await sleep(ms);
  const events = await trace.stop();
  return workersIn(events).reduce((sum, worker) => sum + turnsWithScript(events.filter(worker)), 0);
}

/** The threads of service workers; the extension's are the only ones in this browser. */
function workersIn(events: readonly TraceEvent[]): ((event: TraceEvent) => boolean)[] {
  return events
    .filter(({ name, args }) => name === 'thread_name' && args?.name === 'ServiceWorker thread')
    .map(
      ({ pid, tid }) =>
        event =>
          event.pid === pid && event.tid === tid,
    );
}

function turnsWithScript(events: readonly TraceEvent[]): number {
  const entries = events.filter(({ name }) => SCRIPT.includes(name)).map(({ ts }) => ts);
  return events.filter(
    ({ name, ts, dur = 0 }) => name === 'RunTask' && entries.some(at => at >= ts && at <= ts + dur),
  ).length;
}
