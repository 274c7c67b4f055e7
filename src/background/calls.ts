import { type Bytes, base64 } from '../bytes';
import type { Calls } from '../calls/calls';
import { asCurl, asFetch } from '../calls/copy-as';
import type { History } from '../calls/history';
import type { Preferences } from '../calls/preferences';
import { Failure } from '../failure';
import type { BodyOf, PageAsks } from '../messages/contract';
import { operationOf } from '../services/abouts';
import { check, initialValues } from '../services/fields';
import type { Row, Task } from '../services/service';
import { serviceOf } from '../services/services';
import type { Vault } from '../vault/vault';
import { within } from './within';

type Body<N extends keyof PageAsks> = BodyOf<PageAsks, N>;

/** How long a question that costs nothing may take, ms. */
const LIMIT = 20_000;
/** How much of a medium goes in one message, bytes: as base64 half of the 64 MiB that Chromium lets through. */
const SLICE = 24 * 2 ** 20;

interface Rooms {
  readonly vault: Vault;
  readonly calls: Calls;
  readonly history: History;
  readonly preferences: Preferences;
}

/** The handlers of the door that concern calls, what is kept of them, and what they may cost. */
export function callHandlers(rooms: () => Promise<Rooms>, changed: () => Promise<void>, begun: () => void) {
  /** What is set and kept is for whoever has opened the vault. */
  const opened = async (): Promise<Rooms> => {
    const open = await rooms();
    await open.vault.id();
    return open;
  };

  const start = async (make: (calls: Calls) => Promise<{ id: string }>) => {
    const made = await make((await rooms()).calls);
    // What it is expected to cost counts from now on.
    begun();
    return made;
  };

  return {
    'calls.start': async (body: Body<'calls.start'>) => start(calls => calls.start(body)),
    'calls.again': async ({ id, as }: Body<'calls.again'>) => start(calls => calls.again(id, as)),
    'calls.ask': async ({ id }: Body<'calls.ask'>) => (await rooms()).calls.ask(id),
    'calls.copyAs': async (body: Body<'calls.copyAs'>) => ({ text: await copied(await rooms(), body) }),
    'calls.cancel': async ({ id }: Body<'calls.cancel'>) => (await rooms()).calls.cancel(id),
    'calls.price': async (body: Body<'calls.price'>) => ({
      // What was run instead has cost something.
      price: await within(LIMIT, async signal => (await rooms()).calls.price(body, signal)).finally(begun),
    }),
    'calls.look': async (body: Body<'calls.look'>) => look((await rooms()).vault, body),
    'calls.media': async ({ id, media, from }: Body<'calls.media'>) =>
      sliceOf(await (await rooms()).calls.media(id, media), from),

    'history.list': async (body: Body<'history.list'>) => (await rooms()).history.list(body),
    'history.delete': async ({ id }: Body<'history.delete'>) => {
      await (await opened()).history.delete(id);
      void changed();
    },
    'history.clear': async () => {
      await (await opened()).history.clear();
      void changed();
    },

    'settings.money': async () => (await rooms()).preferences.money(),
    'settings.setMoney': async ({ money }: Body<'settings.setMoney'>) =>
      (await opened()).preferences.setMoney(money),
    'settings.retention': async () => (await rooms()).preferences.retention(),
    'settings.setRetention': async ({ retention }: Body<'settings.setRetention'>) => {
      const { preferences, history } = await opened();
      await preferences.setRetention(retention);
      // Who wants nothing kept was asked whether all of it may go.
      await (retention.days === 0 ? history.clear() : history.keep(retention));
      void changed();
    },
  };
}

/** As much of a medium as one message takes. */
export const sliceOf = (bytes: Bytes, from = 0): { base64: string; total: number } => ({
  base64: base64(bytes.subarray(from, from + SLICE)),
  total: bytes.length,
});

/** A call as it can be made elsewhere, under an id of its own. The key's secret is not even opened. */
async function copied({ calls, vault }: Rooms, { id, as }: Body<'calls.copyAs'>): Promise<string> {
  const { request, values } = await calls.made(id);
  const { fields } = await vault.keys.entry(request.key);
  const task: Task = { id: crypto.randomUUID(), operation: request.operation, values };
  const sketch = serviceOf(request.service).sketch(task, fields);
  return as === 'curl' ? asCurl(sketch) : asFetch(sketch);
}

/** Asks a question for the list that it is answered with; nothing of it is kept. */
async function look(
  vault: Vault,
  { key, operation, values: given }: Body<'calls.look'>,
): Promise<{ rows: readonly Row[]; total: number }> {
  const opened = await vault.keys.open(key);
  const { fields, free } = operationOf(opened.service, operation);
  if (free !== 'question') throw new Failure('bad-request', 'That is a task to run, not a question.');
  const { values, faults } = check(fields, { ...initialValues(fields), ...given });
  const [fault] = Object.values(faults);
  if (fault) throw new Failure('bad-input', fault);
  const task: Task = { id: crypto.randomUUID(), operation, values };
  return within(LIMIT, async signal => {
    for await (const event of serviceOf(opened.service).run(task, opened, signal))
      if (event.type === 'list') return { rows: event.rows, total: event.total };
    return { rows: [], total: 0 };
  });
}
