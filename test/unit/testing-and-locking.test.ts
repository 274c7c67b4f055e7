import { afterEach, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runware/service';

const sockets = vi.hoisted(() => [] as { sent: string[]; open(): void }[]);

// A link that stands only when the test says so: no server can be held up at that very point.
vi.mock('../../src/services/egress', async original => ({
  ...(await original<typeof import('../../src/services/egress')>()),
  connect: () => {
    const sent: string[] = [];
    const socket = {
      readyState: 0,
      OPEN: 1,
      send: (text: string) => sent.push(text),
      close: () => {},
      onopen: null as (() => void) | null,
    };
    sockets.push({
      sent,
      open() {
        socket.readyState = 1;
        socket.onopen?.();
      },
    });
    return socket;
  },
}));

const key = {
  id: 'one',
  service: 'runware',
  fields: { apiKey: 'rk-secret-Xw9LrT4mZkBqP7Qd2v' },
  origins: ['wss://ws-api.runware.ai'],
};

afterEach(() => {
  sockets.length = 0;
});

it('a test that was begun before the lock sends the key no more after it', async () => {
  const verdict = service.verify(key, AbortSignal.timeout(5_000));
  service.lock();
  sockets[0]?.open();
  expect(await verdict).toMatchObject({ outcome: 'could-not-tell', failure: { code: 'vault-locked' } });
  expect(sockets.map(({ sent }) => sent)).toEqual([[]]);
});

it('a test without a lock sends it', async () => {
  const gone = new AbortController();
  const verdict = service.verify(key, gone.signal);
  sockets[0]?.open();
  gone.abort(new Error('enough'));
  await verdict;
  expect(sockets[0]?.sent.join()).toContain(key.fields.apiKey);
});
