import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/failure';
import { contentAsks, pageAsks } from '../../src/messages/contract';
import { answer, type Behind } from '../../src/messages/door';
import type { Sender } from '../../src/messages/sender';
import { searchForLeaks } from '../browser/drive/leaks';

// The door's listeners need a browser; what is tested here does not.
vi.mock('webextension-polyfill', () => ({ default: {} }));

const page: Sender = { kind: 'page', page: 'options' };
const popup: Sender = { kind: 'page', page: 'popup' };
const content: Sender = { kind: 'content', tab: 5, frame: 0, document: 'D' };
const stranger: Sender = { kind: 'stranger' };

const id = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const other = '3f2504e0-4f89-41d3-9a0c-0305e82c3302';

const passphrase = 'a long passphrase';
const proof = { by: 'passphrase', passphrase };
const bytes32 = `${'A'.repeat(43)}=`;

const account = { email: 'ada@example.com', password: 'swan', maxJobs: 5 };

/** A good request of each kind. */
const good = {
  'vault.create': { passphrase },
  'vault.unlock': { proof },
  'vault.lock': {},
  'vault.touch': {},
  'vault.locking': {},
  'vault.setLocking': { locking: { minutes: 5, withScreen: true } },
  'vault.prove': { proof },
  'vault.changePassphrase': { proof, passphrase },
  'vault.replaceKey': { proof, passphrase },
  'vault.addPasskey': { proof, passkey: { id: 'aWQ=', label: 'Laptop', salt: bytes32 }, secret: bytes32 },
  'vault.removePasskey': { proof: { by: 'passkey', id: 'aWQ=', secret: bytes32 }, id: 'aWQ=' },
  'vault.erase': {},
  'vault.backUp': { passphrase },
  'vault.preview': { file: 'QUJD', passphrase },
  'vault.restore': { file: 'QUJD', passphrase, mode: 'merge' },
  'keys.add': { service: 'runware', notes: { label: 'Work' }, values: { apiKey: 'k' } },
  'keys.change': { id, notes: { label: 'Work' }, values: {} },
  'keys.replace': { id, values: { apiKey: 'k' }, untested: false },
  'keys.remove': { id },
  'keys.test': { id },
  'keys.reveal': { id, proof },
  'keys.uses': { id },
  'accounts.list': { key: id },
  'accounts.put': { key: id, account, keep: true },
  'accounts.remove': { key: id, email: account.email },
  'calls.start': { key: id, operation: 'image', values: { prompt: 'a heron' } },
  'calls.again': { id, as: other },
  'calls.ask': { id },
  'calls.copyAs': { id, as: 'curl' },
  'calls.cancel': { id },
  'calls.price': { key: id, operation: 'image', values: { prompt: 'a heron' } },
  'calls.look': { key: id, operation: 'models', values: { search: 'flux' } },
  'calls.media': { id, media: 0, from: 0 },
  'keys.health': { id, maxAge: 60_000 },
  'history.list': { after: { at: 1, id }, most: 30, service: 'runware', key: id, operation: 'image' },
  'history.delete': { id },
  'history.clear': {},
  'settings.money': {},
  'settings.setMoney': { money: { dear: 0.5 } },
  'settings.retention': {},
  'settings.setRetention': { retention: { days: 30 } },
  'prompts.get': {},
  'prompts.set': { prompts: [] },
  'settings.selection': {},
  'settings.setSelection': { selection: { sites: [], not: [], modifier: null, code: false, asked: false } },
  'selection.take': {},
  'selection.run': { card: id },
  'selection.discard': { card: id },
  'selection.takeSecret': {},
};
/** What the popup may ask too. */
const POPUPS = [
  'vault.unlock',
  'vault.lock',
  'vault.touch',
  'calls.start',
  'calls.again',
  'calls.ask',
  'calls.copyAs',
  'calls.cancel',
  'calls.price',
  'calls.look',
  'calls.media',
  'keys.health',
  'settings.money',
  'prompts.get',
  'settings.selection',
  'settings.setSelection',
  'selection.take',
  'selection.run',
  'selection.discard',
];
const goodContent = {
  'bubble.wanted': {},
  'prompts.list': {},
  'prompts.pick': { prompt: id },
  'card.run': { card: id },
  'card.cancel': { card: id },
  'card.media': { card: id, media: 0, from: 0 },
  'card.insert': { card: id, item: 'a' },
  'card.open': { card: id },
  'card.keep': { card: id },
  'card.offer': { card: id },
  'card.close': { card: id },
  'site.off': {},
};

/** Handlers that only remember what reached them. */
const reached: { name: string; body: unknown; from: unknown }[] = [];
const handlersFor = (asks: object) =>
  Object.fromEntries(
    Object.keys(asks).map(name => [
      name,
      async (body: unknown, from: unknown) => {
        reached.push({ name, body, from });
        return `answer to ${name}`;
      },
    ]),
  );
const remembering = {
  page: handlersFor(pageAsks),
  content: handlersFor(contentAsks),
  watch: () => () => {},
} as unknown as Behind;

const behindThatThrows = (thrown: unknown): Behind => ({
  ...remembering,
  page: {
    ...remembering.page,
    'vault.lock': () => {
      throw thrown;
    },
  },
});

const refused = { ok: false, failure: expect.objectContaining({ code: 'refused' }) };
const badRequest = { ok: false, failure: expect.objectContaining({ code: 'bad-request' }) };

beforeEach(() => {
  reached.length = 0;
});

describe('what is asked', () => {
  it('is all in this test', () => {
    expect(Object.keys(good).sort()).toEqual(Object.keys(pageAsks).sort());
    expect(Object.keys(goodContent).sort()).toEqual(Object.keys(contentAsks).sort());
  });

  it.each(Object.entries(good))('%s by a page of ours reaches its handler', async (name, body) => {
    expect(await answer({ ask: name, body }, page, remembering)).toEqual({
      ok: true,
      value: `answer to ${name}`,
    });
    expect(reached).toEqual([{ name, body, from: page }]);
  });

  it.each(Object.entries(goodContent))(
    '%s by a content script reaches its handler, with who asked',
    async (name, body) => {
      expect(await answer({ ask: name, body }, content, remembering)).toMatchObject({ ok: true });
      expect(reached).toEqual([{ name, body, from: content }]);
    },
  );

  it.each(Object.entries(good))('%s is refused to a content script and to a stranger', async (name, body) => {
    expect(await answer({ ask: name, body }, content, remembering)).toEqual(refused);
    expect(await answer({ ask: name, body }, stranger, remembering)).toEqual(refused);
    expect(reached).toEqual([]);
  });

  it.each(Object.entries(goodContent))(
    '%s is refused to a page of ours and to a stranger',
    async (name, body) => {
      expect(await answer({ ask: name, body }, page, remembering)).toEqual(refused);
      expect(await answer({ ask: name, body }, stranger, remembering)).toEqual(refused);
      expect(reached).toEqual([]);
    },
  );

  it.each([
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '',
    'vault',
    'vault.reveal',
    'VAULT.LOCK',
    ' vault.lock',
  ])('“%s” is nobody’s request', async name => {
    for (const from of [page, content, stranger]) {
      expect(await answer({ ask: name, body: {} }, from, remembering)).toEqual(refused);
    }
    expect(reached).toEqual([]);
  });
});

describe('the popup', () => {
  it.each(POPUPS)('may ask for %s', async name => {
    const body = Object.entries(good).find(([known]) => known === name)?.[1];
    expect(await answer({ ask: name, body }, popup, remembering)).toMatchObject({ ok: true });
    expect(reached).toEqual([{ name, body, from: popup }]);
  });

  const options = Object.entries(good).filter(([name]) => !POPUPS.includes(name));
  it.each(options)('is refused %s, whatever its body', async (name, body) => {
    for (const asked of [body, {}, undefined, null, 'x', { ...body, more: 1 }]) {
      expect(await answer({ ask: name, body: asked }, popup, remembering)).toEqual(refused);
    }
    expect(reached).toEqual([]);
  });

  it('is refused whatever brings a secret to a page, or changes the vault', () => {
    const marked = Object.entries(pageAsks).flatMap(([name, { options }]) => (options ? name : []));
    expect(marked.sort()).toEqual(options.map(([name]) => name).sort());
    expect(marked).toEqual(expect.arrayContaining(['keys.reveal', 'vault.backUp', 'vault.erase']));
  });
});

describe('a message of another shape', () => {
  const shapes: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['text', 'vault.lock'],
    ['a number', 7],
    ['a list', ['vault.lock', {}]],
    ['a function', () => {}],
    ['an empty object', {}],
    ['a request without a body', { ask: 'vault.lock' }],
    ['a body without a request', { body: {} }],
    ['a request that is no text', { ask: 7, body: {} }],
    ['a request that is a list', { ask: ['vault.lock'], body: {} }],
    ['a request too long', { ask: 'vault.lock'.padEnd(101), body: {} }],
    ['something more', { ask: 'vault.lock', body: {}, more: 1 }],
  ];
  it.each(shapes)('that is %s is not understood, whoever sends it', async (_, message) => {
    for (const from of [page, content, stranger]) {
      expect(await answer(message, from, remembering)).toEqual(badRequest);
    }
    expect(reached).toEqual([]);
  });

  it('in a body is not understood, whatever is asked', async () => {
    for (const body of [undefined, null, 'x', 7, { more: 1 }]) {
      for (const name of Object.keys(good)) {
        expect(await answer({ ask: name, body }, page, remembering), `${name} ${body}`).toMatchObject({
          ok: false,
        });
      }
    }
    expect(reached).toEqual([]);
  });

  it.each(Object.entries(good))('%s with a field more is not understood', async (name, body) => {
    expect(await answer({ ask: name, body: { ...body, more: 1 } }, page, remembering)).toEqual(badRequest);
    expect(reached).toEqual([]);
  });

  const bodies: [string, object][] = [
    ['vault.create', { passphrase: '' }],
    ['vault.create', { passphrase: 'x'.repeat(1025) }],
    ['vault.unlock', { proof: passphrase }],
    ['vault.unlock', { proof: { by: 'passphrase', passphrase: 7 } }],
    ['vault.unlock', { proof: { by: 'passphrase', passphrase: [passphrase] } }],
    ['vault.unlock', { proof: { by: 'passphrase', passphrase: '' } }],
    ['vault.unlock', { proof: { passphrase } }],
    ['vault.unlock', { proof: { by: 'constructor', passphrase } }],
    ['vault.unlock', { proof: { by: 'passkey', passphrase } }],
    ['vault.unlock', { proof: { by: 'passkey', id: 'aWQ=', secret: 'AAAA' } }],
    ['vault.unlock', { proof: { by: 'passkey', id: '', secret: bytes32 } }],
    ['vault.setLocking', { locking: { minutes: 2, withScreen: true } }],
    ['vault.setLocking', { locking: { minutes: 5 } }],
    ['vault.changePassphrase', { proof, passphrase: '' }],
    ['vault.changePassphrase', { passphrase }],
    ['vault.replaceKey', { passphrase }],
    [
      'vault.addPasskey',
      { ...good['vault.addPasskey'], passkey: { ...good['vault.addPasskey'].passkey, salt: 'AAAA' } },
    ],
    ['vault.addPasskey', { ...good['vault.addPasskey'], secret: '!'.repeat(44) }],
    ['vault.prove', { proof: passphrase }],
    ['vault.backUp', {}],
    ['vault.preview', { file: '', passphrase }],
    ['vault.restore', { ...good['vault.restore'], mode: 'all' }],
    ['vault.restore', { ...good['vault.restore'], file: 'A'.repeat(28_000_001) }],
    ['keys.reveal', { id }],
    ['keys.reveal', { proof }],
    ['keys.replace', { ...good['keys.replace'], untested: 'no' }],
    ['keys.add', { ...good['keys.add'], notes: {} }],
    ['keys.add', { ...good['keys.add'], notes: { label: '   ' } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x'.repeat(101) } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', notes: 'x'.repeat(4001) } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', rotateBy: '2031-13-01' } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', environment: 'moon' } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', created: 7 } }],
    ['keys.add', { ...good['keys.add'], service: '' }],
    ['keys.add', { ...good['keys.add'], values: { apiKey: 7 } }],
    ['keys.add', { ...good['keys.add'], values: { apiKey: { toString: 'x' } } }],
    ['keys.add', { ...good['keys.add'], values: { '': 'x' } }],
    ['keys.add', { ...good['keys.add'], values: { ['x'.repeat(101)]: 'x' } }],
    ['keys.add', { ...good['keys.add'], values: { apiKey: 'x'.repeat(14_000_001) } }],
    [
      'keys.add',
      {
        ...good['keys.add'],
        values: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`v${at}`, ''])),
      },
    ],
    ['keys.change', { ...good['keys.change'], id: 'work' }],
    ['keys.remove', { id: '' }],
    ['keys.remove', { id: `${id} ` }],
    ['keys.test', { id: '__proto__' }],
    ['accounts.list', { key: 'x' }],
    ['accounts.put', { key: id, account: { ...account, email: 'ada' } }],
    ['accounts.put', { key: id, account: { ...account, password: '' } }],
    ['accounts.put', { key: id, account: { ...account, maxJobs: 0 } }],
    ['accounts.put', { key: id, account: { ...account, maxJobs: 11 } }],
    ['accounts.put', { key: id, account: { ...account, maxJobs: 1.5 } }],
    ['accounts.put', { key: id, account: { ...account, useWorkspace: false } }],
    ['accounts.put', { key: id, account: { ...account, useWorkspace: '../x' } }],
    ['accounts.put', { key: id, account: { ...account, jwt: 'x' } }],
    ['accounts.put', { key: id, account, keep: false }],
    ['accounts.put', { key: id, account: { ...account, keep: true } }],
    ['accounts.remove', { key: id, email: 'ada example.com' }],
    ['calls.start', { ...good['calls.start'], key: '../x' }],
    ['calls.start', { ...good['calls.start'], operation: '' }],
    ['calls.start', { ...good['calls.start'], values: null }],
    ['calls.start', { ...good['calls.start'], site: 'example' }],
    ['calls.start', { ...good['calls.start'], private: false }],
    ['calls.start', { ...good['calls.start'], estimate: 0 }],
    ['calls.start', { ...good['calls.start'], id: 'mine' }],
    ['calls.again', { id: 'last', as: other }],
    ['calls.again', { id, as: 'next' }],
    ['calls.again', { id }],
    ['calls.ask', { id: '' }],
    ['calls.price', { ...good['calls.price'], key: 'work' }],
    ['calls.look', { ...good['calls.look'], operation: '' }],
    ['calls.cancel', { id: 7 }],
    ['calls.copyAs', { id, as: 'wget' }],
    ['keys.health', { id }],
    ['keys.health', { id, maxAge: -1 }],
    ['keys.health', { id, maxAge: Number.NaN }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', dailyLimit: -1 } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', dailyLimit: 100_001 } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', dailyLimit: '5' } }],
    ['keys.add', { ...good['keys.add'], notes: { label: 'x', dailyLimit: Number.NaN } }],
    ['history.list', {}],
    ['history.list', { most: 0 }],
    ['history.list', { most: 101 }],
    ['history.list', { most: 1.5 }],
    ['history.list', { most: 30, after: id }],
    ['history.list', { most: 30, after: { at: 1, id: 'x' } }],
    ['history.list', { most: 30, key: 'work' }],
    ['history.delete', { id: 'last' }],
    ['settings.setMoney', { money: { dear: -1 } }],
    ['settings.setMoney', { money: { dear: Number.POSITIVE_INFINITY } }],
    ['settings.setMoney', { money: {} }],
    ['settings.setRetention', { retention: { days: 2 } }],
    ['settings.setRetention', { retention: { days: -1 } }],
    ['settings.setRetention', { retention: {} }],
    ['calls.media', { id, media: -1 }],
    ['calls.media', { id, media: 0.5 }],
    ['calls.media', { id, media: Number.NaN }],
    ['calls.media', { id, media: '0' }],
    ['calls.media', { id, media: 0, from: -1 }],
    ['calls.media', { id, media: 0, from: 0.5 }],
    ['calls.start', { ...good['calls.start'], site: 'https://a.example/page' }],
    ['calls.start', { ...good['calls.start'], site: `https://${'a'.repeat(300)}.example` }],
    ['selection.take', { private: false }],
  ];
  it.each(bodies)('%s with %j is not understood', async (name, body) => {
    expect(await answer({ ask: name, body }, page, remembering)).toEqual(badRequest);
    expect(reached).toEqual([]);
  });

  it.each([{ card: '' }, { card: 'mine' }, { card: id, text: 'x' }, { card: 7 }, {}])(
    'card.run takes nothing but a card: %j',
    async body => {
      expect(await answer({ ask: 'card.run', body }, content, remembering)).toEqual(badRequest);
      expect(reached).toEqual([]);
    },
  );
});

describe('the longest and the shortest', () => {
  it('that may be asked are taken', async () => {
    const values = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`v${at}`, 'x'.repeat(2_000)]));
    const bodies: [string, object][] = [
      ['vault.unlock', { proof: { by: 'passphrase', passphrase: 'x' } }],
      ['vault.unlock', { proof: { by: 'passphrase', passphrase: 'x'.repeat(1024) } }],
      [
        'keys.add',
        { service: 'x'.repeat(100), notes: { label: 'x'.repeat(100), notes: 'x'.repeat(4000) }, values },
      ],
      ['vault.restore', { ...good['vault.restore'], file: 'A'.repeat(28_000_000) }],
      ['calls.start', { ...good['calls.start'], values: { picture: 'x'.repeat(14_000_000) } }],
      ['calls.start', { ...good['calls.start'], site: 'https://a.example', private: true }],
      ['keys.add', { ...good['keys.add'], notes: { label: 'x', dailyLimit: null } }],
      ['keys.add', { ...good['keys.add'], notes: { label: 'x', dailyLimit: 0 } }],
      ['history.list', { most: 1 }],
      ['history.list', { most: 100 }],
      ['settings.setMoney', { money: { dear: 0 } }],
      ['settings.setRetention', { retention: { days: null } }],
      ['settings.setRetention', { retention: { days: 0 } }],
      ['calls.media', { id, media: 0 }],
      ['calls.media', { id, media: 0, from: 2 ** 40 }],
      ['selection.take', { private: true }],
    ];
    for (const [name, body] of bodies) {
      expect(await answer({ ask: name, body }, page, remembering)).toMatchObject({ ok: true });
    }
  });

  it('label is taken without the spaces around it', async () => {
    const body = { ...good['keys.add'], notes: { label: '  Work ' } };
    await answer({ ask: 'keys.add', body }, page, remembering);
    expect(reached).toMatchObject([{ body: { notes: { label: 'Work' } } }]);
  });
});

describe('what goes wrong behind the door', () => {
  const ask = (thrown: unknown) => answer({ ask: 'vault.lock', body: {} }, page, behindThatThrows(thrown));

  it('crosses with its code, its words and what to do, when it is ours', async () => {
    const failure = new Failure('quota', 'No credit.', {
      next: 'Add some.',
      service: { code: 'insufficientCredits', text: 'no' },
      field: 'prompt',
    });
    expect(await ask(failure)).toEqual({ ok: false, failure: failure.report });
  });

  it('crosses as plain data, which the browser can carry', async () => {
    const reply = await ask(new Failure('quota', 'No credit.'));
    expect(structuredClone(reply)).toEqual(reply);
    expect(JSON.parse(JSON.stringify(reply))).toEqual(reply);
  });

  const secret = 'rk-secret-Xw9LrT4mZkBqP7Qd2v';
  const foreign: [string, unknown][] = [
    ['an error', new Error(secret)],
    ['an error with a cause', new Error('x', { cause: new Error(secret) })],
    ['a type error', new TypeError(secret)],
    ['a browser’s error', new DOMException(secret, 'OperationError')],
    ['text', secret],
    ['a report that is no failure of ours', { report: { code: 'quota', message: secret }, message: secret }],
    ['nothing', undefined],
    ['null', null],
  ];
  it.each(foreign)('is not quoted when it is %s', async (_, thrown) => {
    const reply = await ask(thrown);
    expect(reply).toMatchObject({ ok: false, failure: { code: 'internal' } });
    expect(searchForLeaks([secret]).texts('reply', [JSON.stringify(reply)])).toEqual([]);
  });

  it('is told the same when the handler rejects later', async () => {
    const later: Behind = {
      ...remembering,
      page: {
        ...remembering.page,
        'vault.lock': () => Promise.reject(new Failure('vault-locked', 'Locked.')),
      },
    };
    const reply = await answer({ ask: 'vault.lock', body: {} }, page, later);
    expect(reply).toEqual({ ok: false, failure: { code: 'vault-locked', message: 'Locked.' } });
  });

  it('does not repeat what was asked', async () => {
    const body = { proof: { by: 'passphrase', passphrase: [secret] }, more: secret };
    const reply = await answer({ ask: 'vault.unlock', body }, page, remembering);
    expect(searchForLeaks([secret]).texts('reply', [JSON.stringify(reply)])).toEqual([]);
  });
});
