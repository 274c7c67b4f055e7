import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/services/redact';

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
