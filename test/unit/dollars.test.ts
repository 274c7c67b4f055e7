import { expect, test } from 'vitest';
import { dollars } from '../../src/options/keys/dollars';

test.each([
  [0, '$0.0000'],
  [0.0000001, 'under $0.0001'],
  [0.000049, 'under $0.0001'],
  [0.00005, '$0.0001'],
  [0.0013, '$0.0013'],
  [12.5, '$12.5000'],
])('a cost of %d dollars is shown as %s', (cost, shown) => {
  expect(dollars(cost)).toBe(shown);
});
