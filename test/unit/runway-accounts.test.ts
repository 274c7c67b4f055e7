import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Failure, isFailure } from '../../src/failure';
import { Account, NewAccount } from '../../src/services/accounts';
import * as accounts from '../../src/services/runway/accounts';
import { type Switches, suspendedPassword, type UseapiEmulator, wrongPassword } from '../emulators/useapi';
import { demoEmail, demoToken, start } from '../emulators/useapi/line';
import { demoPassword, type UseapiOptions } from '../emulators/useapi/options';
import { reach } from './network';
import { keyOf } from './runway-client';

const password = 'correct "horse" battery';
const ada: NewAccount = { email: 'ada@example.com', password, maxJobs: 5 };
const { signal } = new AbortController();

let useapi: UseapiEmulator;
const open = async (options: Partial<UseapiOptions> = {}) => {
  useapi = await start(options);
  reach(useapi.port);
};
afterEach(async () => {
  expect(useapi.secrets.sightings.length).toBeGreaterThan(0);
  expect(useapi.secrets.strays).toEqual([]);
  await useapi.close();
  vi.unstubAllGlobals();
});

const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isFailure(thrown)) return thrown;
  throw new Error('It did not fail', { cause: thrown });
};

/** What the service itself has sent so far, of sessions and passwords. */
const sessions = () => useapi.traffic.filter(({ direction }) => direction === 'out').map(({ text }) => text);

describe('the accounts', () => {
  beforeEach(() => open());

  it('are added, changed, listed and removed', async () => {
    const stored = await accounts.put(keyOf(), ada, signal);
    expect(stored).toMatchObject({ email: ada.email, maxJobs: 5 });
    const { session } = stored;
    expect((session?.until ?? 0) - (session?.from ?? 0)).toBe(30 * 86_400_000);
    expect(Math.abs((session?.from ?? 0) - Date.now())).toBeLessThan(60_000);

    expect((await accounts.put(keyOf(), { ...ada, maxJobs: 2 }, signal)).maxJobs).toBe(2);
    const listed = await accounts.list(keyOf(), signal);
    expect(listed.map(({ email, maxJobs }) => [email, maxJobs])).toEqual([
      [demoEmail, 5],
      [ada.email, 2],
    ]);
    await accounts.remove(keyOf(), ada.email, signal);
    expect((await accounts.list(keyOf(), signal)).map(({ email }) => email)).toEqual([demoEmail]);
    // It is out already.
    await accounts.remove(keyOf(), ada.email, signal);
  });

  it('leave neither password nor session in anything that comes out, though the service sends both', async () => {
    const seen = [await accounts.put(keyOf(), ada, signal), ...(await accounts.list(keyOf(), signal))];
    expect(sessions().join()).toContain('[password of ada@example.com]');
    expect(sessions().join()).toContain('[session of ada@example.com]');
    const text = JSON.stringify(seen);
    for (const secret of ['horse', demoPassword, 'eyJ', demoToken, 'password', 'token', 'jwt']) {
      expect(text).not.toContain(secret);
    }
    for (const account of seen) expect(v.is(v.strictObject(Account.entries), account)).toBe(true);
  });

  it.each(['ada+test@example.com', 'o’hara@example.com', 'a&b=c@example.com', 'ada~1!*@example.com'])(
    '%s has an address of its own',
    async email => {
      useapi.switches.pathDecoding = 'percent';
      await accounts.put(keyOf(), { ...ada, email }, signal);
      expect(useapi.accountsOf(demoToken).map(one => one.email)).toContain(email);
      await accounts.remove(keyOf(), email, signal);
      expect(useapi.accountsOf(demoToken)).toHaveLength(1);
    },
  );

  it.each(['ada+test@example.com', 'ada@example.com'])('%s is named in the path as it is', async email => {
    await accounts.put(keyOf(), { ...ada, email }, signal);
    expect(useapi.traffic.at(-1)?.path).toBe(`/v1/runwayml/accounts/${email}`);
  });

  it('say what a workspace is', async () => {
    useapi.switches.workspace = true;
    const stored = await accounts.put(keyOf(), { ...ada, useWorkspace: true }, signal);
    expect(stored.workspace).toEqual({ id: '7654321', name: 'Studio', plan: 'pro' });
    const other = await accounts.put(keyOf(), { ...ada, useWorkspace: '42' }, signal);
    expect(other.workspace?.id).toBe('42');
  });

  it('that are in error say so, until they are put in anew', async () => {
    useapi.breakAccount(demoToken, demoEmail, 'Session refresh failed.');
    expect((await accounts.list(keyOf(), signal))[0]?.error).toBe('Session refresh failed.');
    await accounts.put(keyOf(), { ...ada, email: demoEmail }, signal);
    expect((await accounts.list(keyOf(), signal))[0]).not.toHaveProperty('error');
  });

  it.each([
    [wrongPassword, 'invalid', 'password', 'Runway did not take this e-mail and password.'],
    [suspendedPassword, 'service-error', undefined, 'Runway has suspended this Runway account.'],
  ])('that Runway refuses (%s) are not the token’s fault', async (given, code, field, message) => {
    const { report } = await failureOf(accounts.put(keyOf(), { ...ada, password: given }, signal));
    expect(report).toMatchObject({ code, message, service: { code: '401' } });
    expect(report.field).toBe(field);
    expect(report.next).toMatch(/API token is not at fault/);
    expect(useapi.accountsOf(demoToken)).toHaveLength(1);
  });

  it('are for a token that is known', async () => {
    useapi.revoke(demoToken);
    for (const work of [
      accounts.put(keyOf(), ada, signal),
      accounts.list(keyOf(), signal),
      accounts.remove(keyOf(), ada.email, signal),
    ]) {
      expect((await failureOf(work)).code).toBe('rejected-key');
    }
  });

  it('are so many and no more', async () => {
    for (const email of ['b@example.com', 'c@example.com'])
      await accounts.put(keyOf(), { ...ada, email }, signal);
    const { report } = await failureOf(accounts.put(keyOf(), ada, signal));
    expect(report.service?.text).toMatch(/allows 3 Runway accounts/);
  });

  it('whose error quotes the password do not', async () => {
    const body = { error: `No account for ${password} and ${demoToken}`, code: 400 };
    useapi.faults.add({ kind: 'http', status: 400, body });
    const { report } = await failureOf(accounts.put(keyOf(), ada, signal));
    expect(report.service?.text).toBe('No account for [removed] and [removed]');
  });

  it('whose error quotes a kept password do not', async () => {
    const passwords = JSON.stringify({ 'bob@example.com': { password: 'swan lake', mark: '' } });
    const body = { error: 'No room beside swan lake', code: 400 };
    useapi.faults.add({ kind: 'http', status: 400, body });
    const { report } = await failureOf(accounts.list(keyOf({ passwords }), signal));
    expect(report.service?.text).toBe('No room beside [removed]');
  });

  it('of which half an answer comes give nothing of it away', async () => {
    useapi.faults.add({ kind: 'cut' });
    const failure = await failureOf(accounts.put(keyOf(), ada, signal));
    expect(failure.code).toBe('unreachable');
    expect(JSON.stringify(failure.report)).not.toMatch(/horse|eyJ/);
  });

  it.each(['', '.', '..', 'a\nb@example.com', '\ud800@example.com'])('are not asked for %j', async email => {
    await accounts.list(keyOf(), signal);
    const before = useapi.traffic.length;
    const { report } = await failureOf(accounts.remove(keyOf(), email, signal));
    expect(report).toMatchObject({ code: 'invalid', field: 'email' });
    expect(useapi.traffic).toHaveLength(before);
  });
});

describe('with every variant of the service', () => {
  it.each<Partial<Switches>>([
    { deleted: 'empty' },
    { deleted: 'no-content' },
    { secretsEchoed: false },
    { missingAccount: 'json' },
    { pathDecoding: 'percent' },
    { accountStatus: 201 },
  ])('%o accounts come and go', async switches => {
    await open({ ...switches, tokens: { [demoToken]: {} } });
    expect(await accounts.list(keyOf(), signal)).toEqual([]);
    await accounts.put(keyOf(), ada, signal);
    expect(await accounts.list(keyOf(), signal)).toMatchObject([{ email: ada.email, session: {} }]);
    await accounts.remove(keyOf(), ada.email, signal);
    await accounts.remove(keyOf(), ada.email, signal);
    expect(await accounts.list(keyOf(), signal)).toEqual([]);
  });
});

describe('the documented example', () => {
  // As in the documents, with what makes it no JSON mended.
  const answer = {
    email: 'ada@example.com',
    password: '<password>',
    maxJobs: 5,
    jwt: { token: '<token>', exp: 1734858598.864, iat: 1732266598.864, id: 123456 },
  };

  it('is read: who it is, how many jobs, and how long the session lasts', async () => {
    await open();
    useapi.faults.add(
      { kind: 'http', status: 200, body: answer },
      { kind: 'http', status: 201, body: answer },
    );
    for (let time = 0; time < 2; time += 1) {
      expect(await accounts.put(keyOf(), ada, signal)).toEqual({
        email: 'ada@example.com',
        maxJobs: 5,
        session: { from: 1732266598864, until: 1734858598864 },
      });
    }
    useapi.faults.add({ kind: 'http', status: 200, body: { [answer.email]: answer } });
    expect(await accounts.list(keyOf(), signal)).toHaveLength(1);
  });

  it('is no JSON as it stands, which has its own sentence', async () => {
    await open();
    const slip = '{ "error": "Unauthorized", "Wrong username/password combination.", "code": 401 }';
    const headers = { 'content-type': 'application/json' };
    useapi.faults.add({ kind: 'http', status: 401, body: slip, headers });
    const { report } = await failureOf(accounts.put(keyOf(), ada, signal));
    expect(report).toMatchObject({ code: 'unreadable-answer', service: { code: '401' } });
    expect(report.message).toMatch(/was not its API/);
  });
});

describe('an account to be', () => {
  beforeEach(async () => {
    await open();
    await accounts.list(keyOf(), signal);
  });

  it.each([
    [{ email: 'ada' }, 'Email must be an e-mail address.'],
    [{ password: '' }, 'Password is empty.'],
    [{ maxJobs: 0 }, 'Max jobs must be from 1 to 10.'],
    [{ maxJobs: 11 }, 'Max jobs must be from 1 to 10.'],
    [{ maxJobs: 1.5 }, 'Max jobs must be a whole number.'],
    [{ useWorkspace: '' }, 'Workspace must be an id.'],
  ])('with %o is refused', (changes, message) => {
    const read = v.safeParse(NewAccount, { ...ada, ...changes });
    expect(read.issues?.[0]?.message).toBe(message);
  });

  it('keeps its password as it was typed', () => {
    expect(v.parse(NewAccount, { ...ada, email: ' ada@example.com ', password: ' x ' })).toEqual({
      ...ada,
      password: ' x ',
    });
  });
});
