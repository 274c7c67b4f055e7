import browser from 'webextension-polyfill';
import { type Call, isOpen } from '../calls/call';
import type { History } from '../calls/history';
import type { Journal } from '../calls/journal';
import { PRIVATE_DRAFT } from '../messages/contract';

/** How long what came of a call that is not kept can be looked at, minutes. */
const LOOKED_AT = 10;
/** Each such call has an alarm of its own, named by its id. */
const ALARM = 'forget ';
/** In storage.session, which lives as long as the browser runs. */
const BEGUN = 'begun';

/** Text that was selected in a private window, in storage.session. */
export const PRIVATE_OFFERED = 'private offered';

interface Rooms {
  readonly journal: Journal;
  readonly history: History;
}

/**
 * Forgets calls that are not kept: each ten minutes after its end, and all when the last private window closes or
 * the browser starts. What is given back is to be told of every change of a call.
 */
export function forgetPassing(
  rooms: () => Promise<Rooms>,
  changed: () => Promise<void>,
  /** The last private window has closed. */
  privateGone: () => Promise<void>,
): (call: Call) => void {
  /** Every one, unless it is said which. */
  const forget = async (which?: { id: string } | 'private') => {
    const { history, journal } = await rooms();
    await (typeof which === 'object' ? history.delete(which.id) : journal.forgetPassing(which));
    await changed();
  };
  const setAlarm = (id: string) => browser.alarms.create(ALARM + id, { delayInMinutes: LOOKED_AT });
  /** The background may have died before it set one. */
  const setMissing = async () => {
    for (const id of await (await rooms()).journal.passing())
      if (!(await browser.alarms.get(ALARM + id))) await setAlarm(id);
  };
  /** Undefined where there are no windows to ask about, as in Firefox for Android. */
  const arePrivate = async () => (await browser.windows?.getAll())?.some(({ incognito }) => incognito);

  browser.windows?.onRemoved.addListener(() =>
    quietly(async () => {
      if (await arePrivate()) return;
      await browser.storage.session.remove([...PRIVATE_DRAFT, PRIVATE_OFFERED]);
      await privateGone();
      await forget('private');
    }),
  );
  browser.alarms.onAlarm.addListener(({ name }) => {
    const [, id] = name.split(ALARM);
    if (id) void quietly(() => forget({ id }));
  });
  void quietly(async () => {
    if (BEGUN in (await browser.storage.session.get(BEGUN))) return setMissing();
    await forget();
    await browser.storage.session.set({ [BEGUN]: true });
  });

  return ({ id, request, state }) => {
    if (!request.unkept || isOpen(state)) return;
    void quietly(async () => {
      if (request.private && (await arePrivate()) === false) return forget({ id });
      return setAlarm(id);
    });
  };
}

/** What cannot be forgotten now is with the others. */
const quietly = (work: () => Promise<void>): Promise<void> => work().catch(() => {});
