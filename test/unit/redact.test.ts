import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/failure';
import { redact, withoutSecrets } from '../../src/services/redact';
import type { TaskEvent } from '../../src/services/service';
import type { OpenedKey } from '../../src/vault/key-index';

const KEY = 'rw-0123456789abcdefXYZ';

describe('a service’s words', () => {
  it.each([
    [`Incorrect API key provided: ${KEY}.`, 'Incorrect API key provided: [removed].'],
    [`${KEY}${KEY}`, '[removed][removed]'],
    [`Key ${KEY.slice(3, 17)}… is wrong`, 'Key [removed]… is wrong'],
    ['Key rw-01234567 is wrong', 'Key rw-01234567 is wrong'],
    ['Nothing of it', 'Nothing of it'],
    ['', ''],
  ])('%j become %j', (said, shown) => {
    expect(redact(said, [KEY])).toBe(shown);
  });

  it('keep no twelve characters of a secret, wherever they stand', () => {
    const secret = fc.string({ minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), fc.nat(28), (hidden, before, after, from) => {
        const start = from % (hidden.length - 11);
        const shown = redact(before + hidden.slice(start) + after, [hidden]);
        for (let at = 0; at + 12 <= hidden.length; at++) {
          const run = hidden.slice(at, at + 12);
          if (!'[removed]'.includes(run))
            expect(shown.split('[removed]').every(part => !part.includes(run))).toBe(true);
        }
      }),
    );
  });

  it('are left alone where a key has no secret of any length', () => {
    expect(redact('words', [''])).toBe('words');
  });

  it.each([
    ['{"password":"hunter2","jwt":{"token":"abc"}}', '{"password":"[removed]","jwt":{"token":"[removed]"}}'],
    ['No such token: user:1234-q7Xk2Lm9Rt4V', 'No such token: [removed]'],
    ['user:1-runwayml:jo@example.com-task:2 is unknown', 'user:1-runwayml:[removed]-task:2 is unknown'],
  ])('lose what has a secret’s shape, though it is not of the key: %j', (said, shown) => {
    expect(redact(said, [KEY])).toBe(shown);
  });
});

describe('a service', () => {
  const key: OpenedKey = { id: 'one', service: 'x', fields: { apiKey: KEY, region: 'eu' }, origins: [] };
  const { signal } = new AbortController();
  const quoting = new Failure('invalid', 'No.', { service: { code: KEY, text: `Wrong: ${KEY} in eu.` } });
  const fails = () => Promise.reject(quoting);
  const failing = async function* (): AsyncGenerator<TaskEvent, void> {
    yield { type: 'refused', count: 1, failure: quoting.report };
    throw quoting;
  };
  const verdict = { outcome: 'rejected', failure: quoting.report } as const;
  const sketch = { secrets: ['KEY'], steps: [] };
  const service = withoutSecrets(
    {
      verify: async () => verdict,
      run: failing,
      recover: failing,
      price: fails,
      balance: fails,
      sketch: () => sketch,
      lock: () => {},
    },
    ['apiKey'],
  );
  const task = { id: 'a', operation: 'o', values: {} };
  const clean = { code: '[removed]', text: 'Wrong: [removed] in eu.' };

  it.each<[string, () => AsyncGenerator<TaskEvent, void>]>([
    ['run', () => service.run(task, key, signal)],
    ['recovered', () => service.recover(task, { trace: {}, items: [] }, key, signal)],
  ])(
    'whose task is %s quotes no secret, neither in what it tells nor in what it throws',
    async (_, events) => {
      const told: TaskEvent[] = [];
      const running = (async () => {
        for await (const event of events()) told.push(event);
      })();
      await expect(running).rejects.toMatchObject({
        report: { code: 'invalid', message: 'No.', service: clean },
      });
      expect(told).toMatchObject([{ failure: { service: clean } }]);
    },
  );

  it('answers without a secret that stands in its answer whole', async () => {
    const [secret] = Object.values(key.fields);
    async function* answering(): AsyncGenerator<TaskEvent, void> {
      yield { type: 'partial', text: `You are ${secret}` };
      yield {
        type: 'list',
        id: 'a',
        rows: [{ id: `${secret}`, title: `Of ${secret}`, note: 'None' }],
        total: 1,
      };
      yield { type: 'text', id: 'b', text: `Bearer ${secret}.` };
    }
    const said = withoutSecrets(
      {
        verify: async () => ({ outcome: 'works' }),
        run: answering,
        recover: answering,
        sketch: () => sketch,
        lock: () => {},
      },
      ['apiKey'],
    );
    const told: TaskEvent[] = [];
    for await (const event of said.run(task, key, signal)) told.push(event);
    expect(told).toEqual([
      { type: 'partial', text: 'You are [removed]' },
      { type: 'list', id: 'a', rows: [{ id: '[removed]', title: 'Of [removed]', note: 'None' }], total: 1 },
      { type: 'text', id: 'b', text: 'Bearer [removed].' },
    ]);
  });

  it('answers without a kept password, but with the e-mail that has it for a part', async () => {
    const holding = {
      ...key,
      fields: { apiKey: KEY, passwords: '{"swan@example.com":{"password":"swan","mark":""}}' },
    };
    async function* answering(): AsyncGenerator<TaskEvent, void> {
      yield { type: 'text', id: 'a', text: 'swan' };
      const row = { id: 'swan@example.com', title: 'Known by swan', note: 'swan' };
      yield { type: 'list', id: 'b', rows: [row], total: 1 };
    }
    const said = withoutSecrets({ ...service, run: answering }, ['apiKey']);
    const told: TaskEvent[] = [];
    for await (const event of said.run(task, holding, signal)) told.push(event);
    const row = { id: 'swan@example.com', title: 'Known by [removed]', note: '[removed]' };
    expect(told).toEqual([
      { type: 'text', id: 'a', text: '[removed]' },
      { type: 'list', id: 'b', rows: [row], total: 1 },
    ]);
  });

  it('that is asked whether a key works, for a price or a balance, quotes no secret', async () => {
    expect(await service.verify(key, signal)).toMatchObject({
      outcome: 'rejected',
      failure: { service: clean },
    });
    for (const asked of [service.price?.(task, key, signal), service.balance?.(key, signal)])
      await expect(asked).rejects.toMatchObject({ report: { service: clean } });
  });

  it('that tells no price and no balance does so still', () => {
    const { verify, run, recover, sketch, lock } = service;
    const plain = withoutSecrets({ verify, run, recover, sketch, lock }, ['apiKey']);
    expect([plain.price, plain.balance]).toEqual([undefined, undefined]);
  });

  it('draws the same sketch', () => {
    expect(service.sketch(task, {})).toBe(sketch);
  });

  it('throws what is no failure of ours as it was', async () => {
    const odd = withoutSecrets({ ...service, balance: () => Promise.reject(new TypeError(KEY)) }, ['apiKey']);
    await expect(odd.balance?.(key, signal)).rejects.toBeInstanceOf(TypeError);
  });
});
