import { expect, test } from 'vitest';
import { amount, dollars, price } from '../../src/calls/dollars';

test.each([
  [0, '$0.0000'],
  [0.0000001, 'under $0.0001'],
  [0.000049, 'under $0.0001'],
  [0.00005, '$0.0001'],
  [0.0013, '$0.0013'],
  [12.5, '$12.5000'],
])('a cost of %d dollars is shown in a column as %s', (cost, shown) => {
  expect(dollars(cost)).toBe(shown);
});

test.each([
  [0, '$0'],
  [0.0000001, 'under $0.000001'],
  [0.0000012, '$0.0000012'],
  [0.00236, '$0.0024'],
  [0.03, '$0.03'],
  [0.0999, '$0.1'],
  [0.1234, '$0.12'],
  [12.5, '$12.50'],
])('a price of %d dollars is said as %s', (cost, said) => {
  expect(price(cost)).toBe(said);
});

test.each([
  [24.1, '$24.10'],
  [0.4, '$0.40'],
  [0, '$0.00'],
  [-1.5, '−$1.50'],
])('an amount of %d dollars is said as %s', (money, said) => {
  expect(amount(money)).toBe(said);
});
