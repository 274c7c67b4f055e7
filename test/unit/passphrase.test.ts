import { expect, test } from 'vitest';
import { faultIn, passphrase } from '../../src/ui/passphrase';

test('a passphrase that is asked for may have 1024 characters and no more', () => {
  expect(faultIn('x'.repeat(1024))).toBeUndefined();
  expect(faultIn('x'.repeat(1025))).toBe('Passphrase can have at most 1024 characters.');
  expect(faultIn('x'.repeat(1025), { ...passphrase, label: 'Backup passphrase' })).toBe(
    'Backup passphrase can have at most 1024 characters.',
  );
});

test('blanks belong to it: one of nothing else is a passphrase, and those around it count', () => {
  expect(faultIn('        ')).toBeUndefined();
  expect(faultIn(` ${'x'.repeat(1023)} `)).toContain('at most');
});
