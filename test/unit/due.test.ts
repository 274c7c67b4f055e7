import { describe, expect, test } from 'vitest';
import { dueOn } from '../../src/options/keys/due';
import { day, dayOf, moment } from '../../src/ui/dates';

describe('a day to replace a key by', () => {
  test.each([
    ['2026-03-14', 'past'],
    ['2026-03-15', 'soon'],
    ['2026-03-29', 'soon'],
    ['2026-03-30', 'later'],
    ['2027-03-15', 'later'],
    ['2025-12-31', 'past'],
  ] as const)('%s is %s on the 15th, at its first minute as at its last', (rotateBy, due) => {
    expect(dueOn(rotateBy, new Date(2026, 2, 15, 0, 0))).toBe(due);
    expect(dueOn(rotateBy, new Date(2026, 2, 15, 23, 59))).toBe(due);
  });

  test('two weeks reach over the end of a year', () => {
    expect(dueOn('2027-01-03', new Date(2026, 11, 20))).toBe('soon');
    expect(dueOn('2027-01-04', new Date(2026, 11, 20))).toBe('later');
  });
});

test('what is no date is said to be unknown, and throws nothing', () => {
  expect(dayOf(new Date('2026-13-45T00:00'))).toBe('unknown date');
  expect(day(1e300)).toBe('unknown date');
  expect(moment(Number.NaN)).toBe('unknown date');
  expect(day(Date.now())).toBe('today');
  expect(dayOf(new Date(2026, 2, 15))).toContain('2026');
});
