import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../src/services/about';
import { abouts } from '../../src/services/abouts';
import { check, initialValues, type Values } from '../../src/services/fields';

const named = { name: 'it', label: 'It' };
const text: Field = { ...named, kind: 'text', least: 2, most: 5 };
const shaped: Field = { ...text, pattern: { shape: /^[a-z]+$/, otherwise: 'It must be small letters.' } };
const secret: Field = { ...named, kind: 'secret', least: 3, most: 6 };
const longText: Field = { ...named, kind: 'long-text', least: 2, most: 5 };
const number: Field = { ...named, kind: 'number', least: -64, most: 256, step: 64 };
const picture: Field = { ...named, kind: 'image' };
const PICTURE_FAULT = 'It must be a PNG, JPG or WEBP picture, or the https address of one.';
const choice: Field = {
  ...named,
  kind: 'choice',
  choices: [
    { value: 'JPG', label: 'Jpeg' },
    { value: 'PNG', label: 'Ping' },
  ],
};

describe('a value', () => {
  it.each<[string, Field, string, string]>([
    ['text', text, 'ab', 'ab'],
    ['text', text, 'abcde', 'abcde'],
    ['text with spaces around it', text, '  abc\n', 'abc'],
    ['text of its shape', shaped, 'abc', 'abc'],
    ['a secret', secret, 'abc', 'abc'],
    ['a secret pasted with its line’s end', secret, 'abcdef\r\n', 'abcdef'],
    ['long text', longText, 'ab', 'ab'],
    ['long text, whose spaces may mean something', longText, ' ab\n', ' ab\n'],
    ['the least number', number, '-64', '-64'],
    ['the most', number, '256', '256'],
    ['zero', number, '0', '0'],
    ['a number with spaces around it', number, ' 64 ', '64'],
    ['a number that ends in zeros', number, '64.0', '64.0'],
    ['a choice', choice, 'PNG', 'PNG'],
  ])('that is %s is good', (_, field, given, good) => {
    expect(check([field], { it: given })).toEqual({ values: { it: good }, faults: {} });
  });

  it.each<[string, Field, string, string]>([
    ['no text', text, '', 'It is empty.'],
    ['spaces only', text, '   ', 'It is empty.'],
    ['text too short', text, 'a', 'It needs at least 2 characters.'],
    ['text too short but for the spaces around it', text, ' a ', 'It needs at least 2 characters.'],
    ['text too long', text, 'abcdef', 'It can have at most 5 characters.'],
    ['text of another shape', shaped, 'AB', 'It must be small letters.'],
    ['text with a line’s end in its shape', shaped, 'ab\ncd', 'It must be small letters.'],
    ['no secret', secret, '', 'It is empty.'],
    ['a secret too short', secret, 'ab', 'It needs at least 3 characters.'],
    ['a secret too long', secret, 'abcdefg', 'It can have at most 6 characters.'],
    [
      'text far too long',
      { ...text, most: 100_000 },
      'x'.repeat(100_001),
      'It can have at most 100,000 characters.',
    ],
    ['no picture', picture, '', 'It is missing.'],
    ['no picture, where only a file will do', { ...picture, bytesOnly: true }, ' ', 'It is missing.'],
    ['words for a picture', picture, 'a boat', PICTURE_FAULT],
    ['no long text', longText, '', 'It is empty.'],
    ['long text of spaces only', longText, ' \n\t ', 'It is empty.'],
    ['long text too short', longText, 'a', 'It needs at least 2 characters.'],
    ['long text too long', longText, 'abcdef', 'It can have at most 5 characters.'],
    ['no number', number, '', 'It must be a number.'],
    ['words', number, 'many', 'It must be a number.'],
    ['a number with words', number, '64 px', 'It must be a number.'],
    ['a power of ten', number, '1e2', 'It must be a number.'],
    ['hexadecimal', number, '0x40', 'It must be a number.'],
    ['infinite', number, 'Infinity', 'It must be a number.'],
    ['a number with a comma', number, '64,0', 'It must be a number.'],
    ['a number with a plus', number, '+64', 'It must be a number.'],
    ['half a number', number, '64.', 'It must be a number.'],
    ['two numbers', number, '64 128', 'It must be a number.'],
    ['a number too small', number, '-128', 'It must be from -64 to 256.'],
    ['a number too large', number, '320', 'It must be from -64 to 256.'],
    ['a number out of step', number, '65', 'It must be a multiple of 64.'],
    ['a fraction out of step', number, '0.5', 'It must be a multiple of 64.'],
    ['no choice', choice, '', 'It must be one of the list.'],
    ['another choice', choice, 'GIF', 'It must be one of the list.'],
    ['a choice by its label', choice, 'Ping', 'It must be one of the list.'],
    ['a name that every list inherits', choice, 'constructor', 'It must be one of the list.'],
  ])('that is %s is a fault, said in a sentence', (_, field, given, fault) => {
    expect(check([field], { it: given })).toEqual({ values: {}, faults: { it: fault } });
  });

  it('is a whole number where no step is told', () => {
    const { step: _, ...whole } = number;
    expect(check([whole], { it: '7' }).values).toEqual({ it: '7' });
    expect(check([whole], { it: '7.5' }).faults).toEqual({ it: 'It must be a whole number.' });
  });

  it('is of whole cents where it is money', () => {
    const cents: Field = { ...number, step: 0.01 };
    expect(check([cents], { it: '0.255' }).faults).toEqual({ it: 'It must be a multiple of 0.01.' });
    const money: Field = { ...cents, money: true };
    expect(check([money], { it: '0.25' }).values).toEqual({ it: '0.25' });
    expect(check([money], { it: '0.255' }).faults).toEqual({ it: 'It must be in whole cents.' });
  });

  it.each([text, secret, longText, number, choice])(
    'of kind $kind may be left out when it is optional',
    field => {
      const optional = { ...field, optional: true };
      expect(check([optional], { it: '' })).toEqual({ values: {}, faults: {} });
      expect(check([optional], {})).toEqual({ values: {}, faults: {} });
    },
  );

  it.each([text, secret, longText, number, choice])('of kind $kind is missed when it is not', field => {
    expect(Object.keys(check([field], {}).faults)).toEqual(['it']);
  });

  it.each([text, secret, number])(
    'of kind $kind that is only spaces is left out when it is optional',
    field => {
      expect(check([{ ...field, optional: true }], { it: '  ' })).toEqual({ values: {}, faults: {} });
    },
  );

  it('is checked although it is optional, once it is there', () => {
    expect(check([{ ...number, optional: true }], { it: 'x' }).faults).toEqual({
      it: 'It must be a number.',
    });
  });
});

describe('a form', () => {
  const fields: Field[] = [
    { ...text, name: 'a', label: 'A' },
    { ...number, name: 'b', label: 'B' },
  ];

  it('tells every fault at once and keeps what is good', () => {
    expect(check(fields, { a: 'ab', b: 'x' })).toEqual({
      values: { a: 'ab' },
      faults: { b: 'B must be a number.' },
    });
    expect(Object.keys(check(fields, {}).faults)).toEqual(['a', 'b']);
  });

  it('passes on nothing that it did not ask for', () => {
    const values = { a: 'ab', b: '64', c: 'x', apiKey: 'rk', 'a ': 'x', A: 'x' };
    expect(check(fields, values).values).toEqual({ a: 'ab', b: '64' });
  });

  it('passes on nothing by way of an object’s prototype', () => {
    const hostile: Values = JSON.parse('{"a":"ab","b":"64","__proto__":{"c":"x"},"constructor":"x"}');
    const { values, faults } = check(fields, hostile);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    expect({ ...values, ...faults }).toEqual({ a: 'ab', b: '64' });
    const inherited: Values = Object.create({ a: 'ab', b: '64' });
    expect(check(fields, inherited).values).toEqual({});
  });

  it('does not take an inherited name for a value', () => {
    const odd: Field[] = ['constructor', 'toString', 'hasOwnProperty'].map(name => ({
      ...text,
      name,
      most: 500,
    }));
    expect(check(odd, {}).values).toEqual({});
  });

  it('does not change what it was given', () => {
    const values = Object.freeze({ a: ' ab ', b: '64' });
    expect(() => check(fields, values)).not.toThrow();
  });
});

const forms = abouts.flatMap(about => [
  { title: `the key of ${about.label}`, fields: about.keyFields },
  ...about.operations.map(({ label, fields }) => ({ title: `${label} of ${about.label}`, fields })),
]);

/** Values that are often good: random text seldom is a number or a choice. */
const arbitraryFor = (field: Field) => {
  const any = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'grapheme', maxLength: 10 }));
  switch (field.kind) {
    case 'number':
      return fc.oneof(
        fc.integer({ min: field.least, max: field.most }).map(n => String(n - (n % (field.step ?? 1)))),
        fc.double().map(String),
        any,
      );
    case 'choice':
      return fc.oneof(fc.constantFrom(...field.choices.map(({ value }) => value)), any);
    default:
      return fc.oneof(
        any,
        fc.stringMatching(/^[a-z]{2,8}:[a-z]{1,5}@[0-9]{1,3}$/),
        fc.string({ minLength: 8 }),
      );
  }
};

describe.each(forms)('$title', ({ fields }) => {
  it('is a form whose fields have names of their own and labels', () => {
    expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
    expect(fields.filter(({ label }) => label.trim() === '')).toEqual([]);
  });

  it('has initial values that are good', () => {
    const given = fields.filter(({ initial }) => initial !== undefined);
    expect(check(given, initialValues(given)).faults).toEqual({});
  });

  it('keeps good values as they are when they are checked once more', () => {
    const form = fc.record(Object.fromEntries(fields.map(field => [field.name, arbitraryFor(field)])));
    fc.assert(
      fc.property(form, given => {
        const once = check(fields, given as Values);
        const known = fields.filter(({ name }) => !(name in once.faults));
        expect(check(known, once.values)).toEqual({ values: once.values, faults: {} });
      }),
      { numRuns: 500 },
    );
  });

  it('says of every field either its value or its fault, unless it is optional', () => {
    const form = fc.dictionary(
      fc.oneof(...fields.map(({ name }) => fc.constant(name)), fc.string()),
      fc.string(),
    );
    fc.assert(
      fc.property(form, given => {
        const { values, faults } = check(fields, given);
        for (const { name, optional } of fields) {
          const told = [name in values, name in faults].filter(Boolean).length;
          expect(told === 1 || (told === 0 && optional === true)).toBe(true);
        }
        expect(
          Object.keys({ ...values, ...faults }).filter(name => !fields.some(field => field.name === name)),
        ).toEqual([]);
      }),
    );
  });
});
