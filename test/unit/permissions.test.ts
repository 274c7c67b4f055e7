import { beforeEach, describe, expect, it, vi } from 'vitest';
import { giveBack } from '../../src/background/permissions';
import type { KeyEntry } from '../../src/vault/key-index';

const { remove } = vi.hoisted(() => ({ remove: vi.fn(async () => true) }));
vi.mock('webextension-polyfill', () => ({ default: { permissions: { remove } } }));
beforeEach(() => remove.mockClear());

const key = (service: string, fields: Record<string, string>): KeyEntry => ({
  id: crypto.randomUUID(),
  service,
  label: 'Work',
  fields,
  created: 1,
  changed: 1,
  edited: 1,
  iv: '',
});
const [acme, own] = ['https://acme.run.ai', 'https://runai.example.com:8443'];

describe('what was permitted for the hosts of a key', () => {
  it('is given back with the last key that goes to them, whatever the port', async () => {
    await giveBack(key('runai', { url: own, cluster: 'https://cluster.example.com' }), []);
    expect(remove.mock.calls).toEqual([
      [{ origins: ['https://runai.example.com/*', 'https://cluster.example.com/*'] }],
    ]);
  });

  it('stays while another key needs it', async () => {
    await giveBack(key('runai', { url: acme }), [key('runai', { url: own }), key('runai', { url: acme })]);
    expect(remove).not.toHaveBeenCalled();
  });

  it('stays for the hosts that the manifest has', async () => {
    await giveBack(key('runware', {}), []);
    expect(remove).not.toHaveBeenCalled();
  });

  it('may be gone already', async () => {
    remove.mockRejectedValueOnce(new Error('You cannot remove required permissions.'));
    await expect(giveBack(key('runai', { url: acme }), [])).resolves.toBeUndefined();
  });
});
