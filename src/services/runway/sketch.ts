import type { Values } from '../fields';
import type { Task } from '../service';
import { bearer, type Sketch } from '../sketch';
import { addressOf, HOST, type Wish } from './exchange';
import { operationFor, wishOf } from './operations';

const TOKEN = 'USEAPI_TOKEN';

/** A task without the marks by which Runkey finds its own again. */
export function sketch(task: Task, { email }: Readonly<Values>): Sketch {
  const wish = wishOf(task, email, false);
  const { method, type } = wish;
  const body = bodyOf(wish);
  const creates = operationFor(task).does === 'creates';
  return {
    secrets: [TOKEN],
    steps: [
      {
        method,
        url: [addressOf(wish).href],
        headers: {
          ...(type && { 'content-type': [type] }),
          accept: ['application/json'],
          authorization: bearer(TOKEN),
        },
        ...(body && { body }),
        ...(creates && {
          note: `It is answered with a taskId. Ask for the result at https://${HOST}/v1/runwayml/tasks/ followed by it.`,
        }),
      },
    ],
  };
}

function bodyOf({ body, type }: Wish): Sketch['steps'][number]['body'] {
  if (body === undefined) return undefined;
  if (typeof body === 'string') return { type: 'json', text: body };
  return { type: 'file', name: type === 'image/jpeg' ? 'picture.jpg' : 'picture.png' };
}
