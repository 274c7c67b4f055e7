import { describe, expect, test } from 'vitest';
import type { Found } from '../../src/guard/paste';
import { proposed, startOf } from '../../src/options/keys/proposal';
import type { About } from '../../src/services/about';

const service = (name: string, label: string): About => ({
  name,
  label,
  aliases: [],
  keyPage: 'https://example.com/keys',
  origins: ['https://example.com'],
  keyFields: [
    { name: 'apiKey', label: 'API key', kind: 'secret', most: 200 },
    { name: 'url', label: 'URL', kind: 'text', most: 200, initial: 'https://example.com' },
  ],
  atOnce: 4,
  operations: [],
});
const one = { about: service('one', 'One') };
const other = { about: service('other', 'Other') };
const found = (more: Partial<Found> = {}) => ({
  ...one,
  found: { service: 'one', values: { apiKey: 'abc' }, where: 'line 1', ...more },
});

describe('the form of a new key', () => {
  test('begins with the name of its service as label, and what its fields begin with', () => {
    expect(startOf(one)).toEqual({
      label: 'One',
      environment: '',
      rotateBy: '',
      dailyLimit: '5',
      notes: '',
      apiKey: '',
      url: 'https://example.com',
    });
  });

  test('takes what a paste holds', () => {
    const next = found({ label: 'One test', environment: 'staging', values: { apiKey: 'abc', url: 'u' } });
    expect(proposed(startOf(one), one, next)).toMatchObject({
      label: 'One test',
      environment: 'staging',
      apiKey: 'abc',
      url: 'u',
    });
  });

  test('keeps label, notes, day and fields that the person typed', () => {
    const typed = { ...startOf(one), label: 'Mine', notes: 'n', rotateBy: '2030-01-01', url: 'typed' };
    expect(proposed(typed, one, found({ label: 'One test' }))).toEqual({
      ...typed,
      apiKey: 'abc',
    });
  });

  test('gives a typed value up for one that was pasted for that very field', () => {
    const typed = { ...startOf(one), environment: 'production', apiKey: 'typed' };
    expect(proposed(typed, one, found({ environment: 'staging' }))).toMatchObject({
      environment: 'staging',
      apiKey: 'abc',
    });
  });

  test('puts the parts of a key together that are pasted one after the other', () => {
    const first = found({ values: { url: 'pasted' } });
    const second = found();
    const values = proposed(startOf(one), one, first);
    expect(proposed(values, first, second)).toMatchObject({ apiKey: 'abc', url: 'pasted' });
  });

  test('forgets label and environment of an earlier paste', () => {
    const first = found({ label: 'One test', environment: 'staging' });
    const values = proposed(startOf(one), one, first);
    expect(proposed(values, first, found())).toMatchObject({ label: 'One', environment: '' });
  });

  test('of another service keeps what fits every key, and no secret of the first', () => {
    const typed = { ...startOf(one), notes: 'n', apiKey: 'secret of one', url: 'typed' };
    expect(proposed(typed, one, other)).toEqual({ ...startOf(other), notes: 'n' });
    expect(proposed({ ...typed, label: 'Mine' }, one, other).label).toBe('Mine');
  });
});
