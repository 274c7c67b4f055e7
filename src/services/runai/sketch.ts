import type { Values } from '../fields';
import type { Task } from '../service';
import { bearer, type Parts, type Setting, type Sketch, type Step } from '../sketch';
import { controlPlane, operationFor, requestOf } from './operations';
import { standardFor } from './styles';

const SECRET = 'RUNAI_SECRET';
const TOKEN = 'RUNAI_TOKEN';

/** Stands where the workload's kind goes, of which no path of Run:ai's consists. */
const KIND = '-kind-';

/** Which kind a workload is of, Run:ai says only when it is asked. */
const kind: Setting = {
  variable: 'KIND',
  value: 'trainings',
  note: 'Which kind the workload is of: trainings, workspaces or distributed.',
};

/** A token first, then the task with it. */
export function sketch(task: Task, fields: Readonly<Values>): Sketch {
  const { method, url, body } = requestOf(task, { fields }, KIND);
  const ofKind = operationFor(task).path.includes('{kind}');
  return {
    secrets: [SECRET],
    ...(ofKind && { settings: [kind] }),
    steps: [
      tokenStep(fields),
      {
        method,
        url: ofKind ? withKind(url.href) : [url.href],
        headers: {
          ...(body !== undefined && { 'content-type': ['application/json'] }),
          accept: ['application/json'],
          authorization: bearer(TOKEN),
        },
        ...(body !== undefined && { body: { type: 'json', text: body } as const }),
      },
    ],
  };
}

/** The way that the standard has, of Run:ai 2.24 and later, or of the key's realm. */
function tokenStep(fields: Readonly<Values>): Step {
  const { path, form } = standardFor(fields);
  const plain = Object.fromEntries(Object.entries(form).map(([name, value]) => [name, [value]]));
  return {
    method: 'POST',
    url: [controlPlane(path, fields).href],
    headers: {},
    body: { type: 'form', fields: { ...plain, client_secret: [{ variable: SECRET }] } },
    gives: { variable: TOKEN, field: 'access_token' },
  };
}

function withKind(address: string): Parts {
  const [before = '', after = ''] = address.split(`/${KIND}/`);
  return [`${before}/`, { variable: kind.variable }, `/${after}`];
}
