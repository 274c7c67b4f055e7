import { describe, expect, it } from 'vitest';
import { suits } from '../../src/selection/bubble/suits';

const selected = (text: string) => ({ text, title: '', url: '', editable: false });

describe('the bubble is offered', () => {
  it.each(['lighthouse', 'A quick note.', '灯', 'Straße 7', '1984', 'https://example.org/a', '50 apples'])(
    'over “%s”',
    text => {
      expect(suits(selected(text), null, false)).toBe(true);
    },
  );

  it.each([
    ['a commit', '9f86d08'],
    ['a whole commit', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
    ['a UUID', '2f1c8a4e-9f3b-4d6a-8c57-0e1b2a3c4d5e'],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'],
  ])('over %s only where that is wanted', (_, text) => {
    expect(suits(selected(` ${text} `), null, false)).toBe(false);
    expect(suits(selected(text), null, true)).toBe(true);
  });

  it('over no single letter or mark', () => {
    expect(suits(selected('a'), null, true)).toBe(false);
    expect(suits(selected(' . '), null, true)).toBe(false);
  });
});
