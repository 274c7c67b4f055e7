import { beforeEach, describe, expect, it, vi } from 'vitest';
import { giveBack } from '../../src/background/permissions';
import { USUAL_SELECTION } from '../../src/calls/settings';
import type { KeyEntry } from '../../src/vault/key-index';

const OWN = ['https://api.runware.ai/*', 'https://api.runtype.com/*'];
const { remove, getAll } = vi.hoisted(() => ({
  remove: vi.fn(async (_: { origins: string[] }) => true),
  getAll: vi.fn(async () => ({ origins: [] as string[] })),
}));
vi.mock('webextension-polyfill', () => ({
  default: { permissions: { remove, getAll }, runtime: { getManifest: () => ({ host_permissions: OWN }) } },
}));
beforeEach(() => {
  remove.mockClear();
});
const permitted = (...origins: string[]) => getAll.mockResolvedValue({ origins: [...OWN, ...origins] });
const given = () => remove.mock.calls.flatMap(([{ origins }]) => origins);

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

describe('a permission for a host', () => {
  it('is given back with the last key that goes there, whatever the port', async () => {
    permitted('https://runai.example.com/*', 'https://cluster.example.com/*');
    await giveBack([], USUAL_SELECTION);
    expect(given()).toEqual(['https://runai.example.com/*', 'https://cluster.example.com/*']);
  });

  it('stays while a key needs it', async () => {
    permitted('https://runai.example.com/*', 'https://acme.run.ai/*');
    await giveBack([key('runai', { url: own }), key('runai', { url: acme })], USUAL_SELECTION);
    expect(given()).toEqual([]);
  });

  it('stays while the bubble is there, and goes with it', async () => {
    permitted('https://page.example/*', 'http://old.example/*');
    await giveBack([], { ...USUAL_SELECTION, sites: ['https://page.example:8443', 'http://old.example'] });
    expect(given()).toEqual([]);
    await giveBack([], { ...USUAL_SELECTION, sites: ['https://page.example'] });
    expect(given()).toEqual(['http://old.example/*']);
  });

  it('for every site is given back when the bubble is on a few', async () => {
    permitted('https://*/*', 'http://*/*', 'https://page.example/*');
    await giveBack([], { ...USUAL_SELECTION, sites: ['https://page.example'] });
    expect(given()).toEqual(['https://*/*', 'http://*/*']);
  });

  it('stays for the hosts that the manifest has', async () => {
    permitted();
    await giveBack([], USUAL_SELECTION);
    expect(given()).toEqual([]);
  });

  it('may be gone already', async () => {
    permitted('https://acme.run.ai/*');
    remove.mockRejectedValueOnce(new Error('You cannot remove required permissions.'));
    await expect(giveBack([], USUAL_SELECTION)).resolves.toBeUndefined();
  });
});
