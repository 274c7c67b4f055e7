import { describe, expect, it } from 'vitest';
import { type Evidence, type Found, verdictOn } from '../chaos/verdict';

/** Three calls, all well: what follows spoils it in one way each. */
const fine = (): Evidence => ({
  wanted: [
    { word: 'ant', account: 'First', digests: ['a1', 'a2'] },
    { word: 'bee', account: 'Second', digests: ['b1'] },
    { word: 'cat', account: 'First', digests: ['c1'] },
  ],
  begun: [
    { word: 'ant', id: '1' },
    { word: 'bee', id: '2' },
    { word: 'cat', id: '3' },
  ],
  billed: [
    { taskUUID: '1', account: 'First', word: 'ant' },
    { taskUUID: '2', account: 'Second', word: 'bee' },
    { taskUUID: '3', account: 'First', word: 'cat' },
  ],
  found: [
    { id: '1', word: 'ant', account: 'First', phase: 'done', digests: ['a2', 'a1'] },
    { id: '2', word: 'bee', account: 'Second', phase: 'done', digests: ['b1'] },
    { id: '3', word: 'cat', account: 'First', phase: 'done', digests: ['c1'] },
  ],
});
const none = { lost: [], twice: [], wrong: [], unclear: [], unbilled: [], neverBegun: 0 };

/** As it was, but for the call of the bee. */
const withBee = (changes: Partial<Found>): Evidence => {
  const { found, ...rest } = fine();
  return { ...rest, found: found.map(call => (call.id === '2' ? { ...call, ...changes } : call)) };
};
const unbilled = ({ billed, ...rest }: Evidence): Evidence => ({
  ...rest,
  billed: billed.filter(({ word }) => word !== 'bee'),
});

it('finds nothing where all is well', () => {
  expect(verdictOn(fine())).toEqual({ ...none, done: 3 });
});

describe('lost is', () => {
  it.each<[string, Evidence, string]>([
    [
      'a billed call that failed',
      withBee({ phase: 'failed', digests: [], says: 'Oh.' }),
      '0 of 1 items, failed: Oh.',
    ],
    [
      'a billed call of unknown outcome',
      withBee({ phase: 'unknown', digests: [], says: 'Who knows.' }),
      '0 of 1',
    ],
    ['a billed call that never ended', withBee({ phase: 'sent', digests: [] }), 'never ended: sent'],
    ['a billed call that is done without its item', withBee({ digests: [] }), '0 of 1 items, done'],
    ['a call that is done without its item, though unbilled', unbilled(withBee({ digests: [] })), '0 of 1'],
    ['an unbilled call that never ended', unbilled(withBee({ phase: 'queued', digests: [] })), 'never ended'],
  ])('%s', (_what, evidence, why) => {
    const { lost, done } = verdictOn(evidence);
    expect(lost).toEqual([{ id: '2', word: 'bee', why: expect.stringContaining(why) }]);
    expect(done).toBe(2);
  });

  it('one of several items', () => {
    const { found, ...rest } = fine();
    const short = found.map(call => (call.id === '1' ? { ...call, digests: ['a1'] } : call));
    expect(verdictOn({ ...rest, found: short }).lost).toEqual([
      { id: '1', word: 'ant', why: '1 of 2 items, done' },
    ]);
  });

  it('one of several items, though another came twice', () => {
    const { found, ...rest } = fine();
    const same = found.map(call => (call.id === '1' ? { ...call, digests: ['a1', 'a1'] } : call));
    expect(verdictOn({ ...rest, found: same }).lost).toHaveLength(1);
  });

  it('a billed call that Runkey has not, whether its start was acknowledged or not', () => {
    const { found, begun, ...rest } = fine();
    const gone = { ...rest, found: found.filter(({ id }) => id !== '2') };
    const why = 'billed, and Runkey knows nothing of it';
    expect(verdictOn({ ...gone, begun }).lost).toEqual([{ id: '2', word: 'bee', why }]);
    const unheard = begun.filter(({ id }) => id !== '2');
    expect(verdictOn({ ...gone, begun: unheard }).lost).toEqual([{ id: '2', word: 'bee', why }]);
  });

  it('an acknowledged call that is gone', () => {
    const { found, ...rest } = unbilled(fine());
    const gone = { ...rest, found: found.filter(({ id }) => id !== '2') };
    expect(verdictOn(gone).lost).toEqual([{ id: '2', word: 'bee', why: 'begun, and gone' }]);
  });

  it('not one whose answer could not be found, if it says so', () => {
    const unknown = withBee({ phase: 'unknown', digests: [], says: 'What became of it is not known.' });
    const wanted = unknown.wanted.map(wish => ({ ...wish, unfindable: wish.word === 'bee' }));
    expect(verdictOn({ ...unknown, wanted }).lost).toEqual([]);
    const { found } = withBee({ phase: 'unknown', digests: [] });
    expect(verdictOn({ ...unknown, wanted, found }).lost).toHaveLength(1);
    const { found: failed } = withBee({ phase: 'failed', digests: [], says: 'It failed.' });
    expect(verdictOn({ ...unknown, wanted, found: failed }).lost).toHaveLength(1);
  });
});

describe('billed twice is', () => {
  it('one id with two lines', () => {
    const { billed, ...rest } = fine();
    const again = [...billed, { taskUUID: '2', account: 'Second', word: 'bee' }];
    const { twice } = verdictOn({ ...rest, billed: again });
    expect(twice).toEqual([{ id: '2', word: 'bee', why: 'billed 2 times under one id' }]);
  });

  it('one prompt under two ids', () => {
    const { billed, ...rest } = fine();
    const again = [...billed, { taskUUID: '9', account: 'Second', word: 'bee' }];
    const { twice } = verdictOn({ ...rest, billed: again });
    expect(twice).toEqual([{ id: '2', word: 'bee', why: 'billed 2 times under 2 ids' }]);
  });
});

describe('a wrong owner is', () => {
  it.each<[string, Evidence, string]>([
    ['another’s item', withBee({ digests: ['c1'] }), 'has what is cat’s'],
    ['another’s item beside its own', withBee({ digests: ['b1', 'c1'] }), 'has what is cat’s'],
    ['an item that nobody gave', withBee({ digests: ['x'] }), 'has what nobody gave'],
    ['another’s prompt', withBee({ word: 'cat' }), 'has the prompt of cat'],
    ['another’s key in the books', withBee({ account: 'First' }), 'listed under First'],
    ['an answer that was never billed', unbilled(fine()), 'has an answer that was never billed'],
  ])('%s', (_what, evidence, why) => {
    expect(verdictOn(evidence).wrong).toEqual([{ id: '2', word: 'bee', why }]);
  });

  it('another account that paid', () => {
    const { billed, ...rest } = fine();
    const swapped = billed.map(line => (line.word === 'bee' ? { ...line, account: 'First' } : line));
    const { wrong } = verdictOn({ ...rest, billed: swapped });
    expect(wrong).toEqual([{ id: '2', word: 'bee', why: 'First paid for Second' }]);
  });

  it('an id that was sent with another’s prompt', () => {
    const { billed, ...rest } = fine();
    const swapped = billed.map(line => (line.word === 'bee' ? { ...line, word: 'cat' } : line));
    const { wrong, twice } = verdictOn({ ...rest, billed: swapped });
    expect(wrong).toEqual([{ id: '2', word: 'bee', why: 'sent what is cat’s' }]);
    expect(twice).toHaveLength(1);
  });

  it('a bill for what nobody asked for', () => {
    const { billed, ...rest } = fine();
    const { wrong } = verdictOn({
      ...rest,
      billed: [...billed, { taskUUID: '9', account: 'First', word: undefined }],
    });
    expect(wrong).toEqual([{ id: '9', word: 'call 9', why: 'billed, and nobody asked for it' }]);
  });
});

describe('all right, and counted, is', () => {
  it('a call that failed before it was billed', () => {
    const evidence = unbilled(withBee({ phase: 'failed', digests: [], says: 'Too late.' }));
    const bee = { id: '2', word: 'bee', why: 'failed: Too late.' };
    expect(verdictOn(evidence)).toEqual({ ...none, done: 2, unbilled: [bee] });
  });

  it('a call that was never begun, nor billed', () => {
    const { begun, found, ...rest } = unbilled(fine());
    const evidence = {
      ...rest,
      begun: begun.filter(({ id }) => id !== '2'),
      found: found.filter(({ id }) => id !== '2'),
    };
    expect(verdictOn(evidence)).toEqual({ ...none, done: 2, neverBegun: 1 });
  });

  it('a call whose start nobody heard of, with its whole answer', () => {
    const { begun, ...rest } = fine();
    expect(verdictOn({ ...rest, begun: begun.filter(({ id }) => id !== '2') })).toEqual({ ...none, done: 3 });
  });

  it('an unknown outcome of a call that was not billed, which is told apart', () => {
    const evidence = unbilled(withBee({ phase: 'unknown', digests: [], says: 'Who knows.' }));
    const { unclear, lost } = verdictOn(evidence);
    expect(lost).toEqual([]);
    expect(unclear).toEqual([{ id: '2', word: 'bee', why: '0 of 1 items, unknown: Who knows.' }]);
  });
});
