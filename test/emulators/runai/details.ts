import type { Answer } from '../loopback/wire';
import { notFound, refusal } from './refusals';
import type { Visit } from './routes';
import { receipt } from './submit';
import type { Workload } from './workloads';

const metricTypes = [
  'GPU_UTILIZATION',
  'GPU_MEMORY_USAGE_BYTES',
  'CPU_USAGE_CORES',
  'CPU_MEMORY_USAGE_BYTES',
];

/** One workload, or what is known about it. */
export function detailOf(visit: Visit): Answer {
  const { plane, at } = visit;
  const { id = '', kind, detail } = at;
  const workload = plane.workloads.find(id);
  if (!workload || (kind && workload.order.kind !== kind)) return notFound(`workload '${id}' was not found`);
  if (kind) return { status: 200, body: receipt(workload) };
  if (detail === 'pods') return { status: 200, body: { pods: pods(workload) } };
  if (detail === 'events') return { status: 200, body: { events: events(workload) } };
  if (detail === 'history') return { status: 200, body: { history: events(workload) } };
  if (detail === 'metrics') return metrics(visit);
  return { status: 200, body: workload.shown() };
}

const pods = ({ phase, order: { name } }: Workload) =>
  phase === 'Running' ? [{ name: `${name}-0-0`, status: 'Running', currentNode: 'gpu-1' }] : [];

const events = ({ createdAt, phase, order: { name } }: Workload) => [
  { type: 'Normal', reason: 'Created', message: `Workload ${name} was created`, createdAt },
  { type: 'Normal', reason: phase, message: `Workload ${name} is ${phase}`, createdAt },
];

function metrics({ ask, plane }: Visit): Answer {
  const types = ask.query.getAll('metricType').flatMap(list => list.split(','));
  const [start, end] = [Date.parse(ask.query.get('start') ?? ''), Date.parse(ask.query.get('end') ?? '')];
  const samples = Number(ask.query.get('numberOfSamples') ?? 20);
  const unknown = types.find(type => !metricTypes.includes(type));
  if (types.length === 0) return refusal(400, 'metricType must be provided');
  if (unknown !== undefined) return refusal(400, `unknown metricType: ${unknown}`);
  if (!(start < end)) return refusal(400, 'start and end must be times, start before end');
  if (!Number.isInteger(samples) || samples < 1 || samples > 1000) {
    return refusal(400, 'numberOfSamples must be between 1 and 1000');
  }
  const measured = (type: string) => ({
    type,
    values: Array.from({ length: samples }, (_, sample) => ({
      timestamp: new Date(start + ((end - start) * sample) / samples).toISOString(),
      value: String(sample % 100),
    })),
  });
  const [lost, ...rest] = types;
  if (plane.switches.metrics === 'whole') return { status: 200, body: { measurements: types.map(measured) } };
  return {
    status: 207,
    body: { measurements: rest.map(measured), errors: [{ type: lost, message: 'No data is available' }] },
  };
}
