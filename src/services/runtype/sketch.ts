import type { Values } from '../fields';
import type { Task } from '../service';
import { bearer, type Sketch } from '../sketch';
import { acceptOf, methodOf } from './http';
import { requestOf } from './operations';

const KEY = 'RUNTYPE_API_KEY';

export function sketch(task: Task, fields: Readonly<Values>): Sketch {
  const { url, body } = requestOf(task, { fields });
  return {
    secrets: [KEY],
    steps: [
      {
        method: methodOf({ body }),
        url: [url.href],
        headers: {
          ...(body !== undefined && { 'content-type': ['application/json'] }),
          accept: [acceptOf({ body })],
          ...(fields.header === 'x-api-key'
            ? { 'x-api-key': [{ variable: KEY }] }
            : { authorization: bearer(KEY) }),
        },
        ...(body !== undefined && { body: { type: 'json', text: body } as const }),
      },
    ],
  };
}
