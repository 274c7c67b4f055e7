import { beforeEach, describe, expect, it } from 'vitest';
import { backupHandlers } from '../../src/background/backup';
import { keyHandlers } from '../../src/background/keys';
import { within } from '../../src/background/within';
import { PASSPHRASE, type Room, roomWithVault } from './vaults';

let room: Room;
let id = '';
const handlers = () =>
  keyHandlers(
    async () => room.vault,
    async () => {},
    () => {},
    async () => {},
  );
const values = { url: 'https://a.run.ai', application: 'app', secretKey: 'secret-0123456789' };
const change = (more: Record<string, string>) =>
  handlers()['keys.change']({
    id,
    notes: { label: 'Cluster' },
    values: { ...values, secretKey: '', ...more },
  });
const originsNow = async () => (await room.vault.keys.open(id)).origins;

beforeEach(async () => {
  room = await roomWithVault();
  ({ id } = await handlers()['keys.add']({ service: 'runai', notes: { label: 'Cluster' }, values }));
});

describe('the address of a key', () => {
  it.each([
    ['another control plane', { url: 'https://b.run.ai' }],
    ['a cluster', { cluster: 'https://cluster.example.com' }],
  ])('that becomes %s needs its secret anew, and nothing changes without', async (_, more) => {
    await expect(change(more)).rejects.toMatchObject({
      report: { code: 'bad-input', field: 'secretKey', message: expect.stringContaining('address is new') },
    });
    expect(await originsNow()).toEqual(['https://a.run.ai']);
    expect((await room.vault.keys.entry(id)).fields.url).toBe('https://a.run.ai');
  });

  it('may change together with its secret', async () => {
    await change({ url: 'https://b.run.ai', secretKey: 'secret-9876543210' });
    expect(await originsNow()).toEqual(['https://b.run.ai']);
  });

  it('may be written otherwise, and one that is given up is given up by the secret too', async () => {
    await change({ cluster: 'https://cluster.example.com', secretKey: 'secret-9876543210' });
    await change({ url: 'https://a.run.ai/home?x', cluster: '' });
    expect(await originsNow()).toEqual(['https://a.run.ai']);
  });

  it('that was changed goes into a backup that can be restored', async () => {
    await change({ cluster: 'https://cluster.example.com', secretKey: 'secret-9876543210' });
    await change({ cluster: '' });
    const backup = backupHandlers(
      async () => room.vault,
      async () => {},
    );
    const { file } = await backup['vault.backUp']({ passphrase: PASSPHRASE });
    const { lines } = await backup['vault.preview']({ file, passphrase: PASSPHRASE });
    expect(lines).toMatchObject([{ label: 'Cluster', difference: 'same' }]);
  });
});

describe('a service that is silent', () => {
  it('is told of as that, and is asked no longer', async () => {
    let aborted = false;
    const asking = within(20, signal => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    await expect(asking).rejects.toMatchObject({ report: { code: 'timed-out' } });
    expect(aborted).toBe(true);
  });

  it('that answers in time is not', async () => {
    expect(await within(1_000, async () => 'an answer')).toBe('an answer');
  });
});
