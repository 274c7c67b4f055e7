import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { demoKey, type RuntypeEmulator } from '../emulators/runtype';
import { start } from './emulators/runtype-line';
import { reach } from './network';
import { keyOf, surface, verify } from './runtype-client';

let runtype: RuntypeEmulator;

const begin = async (options: Parameters<typeof start>[0] = {}) => {
  await runtype?.close();
  runtype = await start({ taskMs: 0, ...options });
  reach(runtype.port);
};
beforeEach(() => begin());
afterEach(async () => {
  vi.unstubAllGlobals();
  expect(runtype.strayed).toEqual([]);
  expect(runtype.ledger.count()).toBe(0);
  await runtype.close();
});

const works = { outcome: 'works' };
const said = (message: RegExp) => ({
  outcome: 'could-not-tell',
  failure: expect.objectContaining({ message: expect.stringMatching(message) }),
});

describe('a test of a key, which runs nothing,', () => {
  it.each(['bearer', 'x-api-key'])('says that a good one works (%s)', async header => {
    expect(await verify(keyOf({ header }))).toEqual(works);
  });

  it('says that a good one with capabilities of its own works', async () => {
    await begin({ keys: { [demoKey]: { scopes: ['draft-post'] } } });
    expect(await verify()).toEqual(works);
  });

  it.each([
    ['revoked', () => runtype.revoke(demoKey)],
    ['past its end', () => begin({ keys: { [demoKey]: { expiresAt: 1 } } })],
    ['unknown', () => begin({ keys: {} })],
  ])('says that one that is %s is rejected', async (_what, spoil) => {
    await spoil();
    expect(await verify()).toMatchObject({ outcome: 'rejected', failure: { code: 'rejected-key' } });
  });

  it('could not tell where the address is looked at first', async () => {
    runtype.switches.checkFirst = 'path';
    const doubt = said(/does not say whether this key is good/);
    expect(await verify()).toEqual(doubt);
    runtype.revoke(demoKey);
    expect(await verify()).toEqual(doubt);
  });

  it('could not tell of a surface that there is not', async () => {
    const endpoint = surface.replace(/surf_\w+/, 'surf_0');
    expect(await verify(keyOf({ endpoint }))).toEqual(said(/knows no such API surface/));
  });

  it.each([
    [429, { error: 'Rate limit exceeded' }, /no more calls/],
    [500, { error: 'Oops' }, /Runtype itself failed/],
    [503, { error: 'Paused', message: 'paused' }, /paused/],
    [401, '<html>', /no JSON/],
    [403, '<html>', /no JSON/],
    [403, { error: 'This surface is paused' }, /paused/],
    [404, '<html>', /no JSON/],
    [502, '<html>', /no JSON/],
    [200, { hello: 1 }, /does not know/],
  ])('could not tell from %i %o', async (status, body, message) => {
    runtype.faults.add({ kind: 'http', status, body });
    expect(await verify()).toEqual(said(message));
  });

  it('could not tell where Runtype cannot be reached', async () => {
    runtype.refuse(60_000);
    expect(await verify()).toEqual(said(/could not be reached/));
  });

  it('could not tell where it is sent elsewhere, and goes there not', async () => {
    runtype.switches.redirect = true;
    expect(await verify()).toEqual(said(/could not be reached/));
    expect(runtype.traffic.every(({ host }) => host === 'api.runtype.com')).toBe(true);
  });

  it('could not tell of a key without an endpoint', async () => {
    expect(await verify(keyOf({ endpoint: '' }))).toEqual(said(/no Endpoint URL/));
  });
});
