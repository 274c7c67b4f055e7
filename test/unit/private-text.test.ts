import { expect, test } from 'vitest';
import { isPrivateText } from '../../src/background/private-text';

test.each(['4242 4242 4242 4242', '4242424242424242', ' 3782-822463-10005 ', '••••••••', '● ● ●'])(
  '%j is what a person hides',
  text => {
    expect(isPrivateText(text)).toBe(true);
  },
);

test.each([
  '4242 4242 4242 4241',
  '2026',
  'Order 4242 4242 4242 4242 of today',
  '',
  ' ',
  '• a point of a list',
])('%j is not', text => {
  expect(isPrivateText(text)).toBe(false);
});
