import type { Task } from '../service';
import { bearer, type Sketch } from '../sketch';
import { ADDRESS } from './http';
import { operationFor, requestOf } from './operations';

const KEY = 'RUNWARE_API_KEY';

/** A task over HTTP, whichever way the key itself takes. */
export function sketch(task: Task): Sketch {
  const waits = operationFor(task).delivery === 'async';
  return {
    secrets: [KEY],
    steps: [
      {
        method: 'POST',
        url: [ADDRESS.href],
        headers: {
          'content-type': ['application/json'],
          accept: ['application/json'],
          authorization: bearer(KEY),
        },
        body: { type: 'json', text: JSON.stringify([requestOf(task)]) },
        ...(waits && {
          note: 'Runware answers at once. Ask for the result with a task of the type getResponse and the same taskUUID.',
        }),
      },
    ],
  };
}
