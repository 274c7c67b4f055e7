import { Failure } from '../../src/failure';

/** The browser around the popup: each test says what the background answers. For `vi.mock('webextension-polyfill')`. */
type Answer = (body: Record<string, unknown>) => unknown;

/** What the background answers, by request; anything else it does not answer. */
export const answers = new Map<string, Answer>();
/** Everything that was asked of it. */
export const asked: { ask: string; body: Record<string, unknown> }[] = [];
/** `storage.session`, how many characters it takes, and how often each item was written. */
export const session = { items: new Map<string, unknown>(), most: Number.POSITIVE_INFINITY };
export const writings = new Map<string, number>();
/** The window of the popup, the views that are popups, and the tabs that were opened. */
export const window = { incognito: false, popups: [] as unknown[], tabs: [] as string[] };

export function forget(): void {
  answers.clear();
  asked.length = 0;
  session.items.clear();
  session.most = Number.POSITIVE_INFINITY;
  writings.clear();
  Object.assign(window, { incognito: false, popups: [], tabs: [] });
}

const listeners = { addListener() {}, removeListener() {} };

export default {
  runtime: {
    connect: () => ({ onMessage: listeners, onDisconnect: listeners, disconnect() {} }),
    async sendMessage(message: (typeof asked)[number]) {
      asked.push(message);
      const answer = answers.get(message.ask);
      try {
        return answer && { ok: true, value: await answer(message.body) };
      } catch (thrown) {
        if (thrown instanceof Failure) return { ok: false, failure: thrown.report };
        throw thrown;
      }
    },
  },
  permissions: { onAdded: listeners, onRemoved: listeners, contains: async () => false },
  storage: {
    session: {
      onChanged: listeners,
      async get(names: readonly string[]) {
        return Object.fromEntries([...session.items].filter(([name]) => names.includes(name)));
      },
      async set(items: Record<string, unknown>) {
        const whole = new Map([...session.items, ...Object.entries(items)]);
        if (JSON.stringify([...whole]).length > session.most)
          throw new Error('Session storage quota bytes exceeded.');
        session.items = new Map(structuredClone([...whole]));
        for (const name of Object.keys(items)) writings.set(name, (writings.get(name) ?? 0) + 1);
      },
      async remove(name: string) {
        session.items.delete(name);
      },
    },
  },
  windows: { getCurrent: async () => ({ incognito: window.incognito }) },
  extension: { getViews: () => window.popups },
  tabs: {
    async create({ url }: { url: string }) {
      window.tabs.push(url);
    },
  },
};
