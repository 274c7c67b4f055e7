import * as v from 'valibot';
import type { Field } from './about';

/** The values of a form, by field name. Every value is text, as a form has it; an empty optional one is left out. */
export type Values = Record<string, string>;

/** What is wrong with a form, by field name: a sentence each. */
export type Faults = Record<string, string>;

/** 10 MB as base64. */
const LONGEST_IMAGE = 13_981_100;
const DATA_IMAGE = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/;
const PNG_OR_JPG = /^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/;
const isUuid = (text: string): boolean => v.is(v.pipe(v.string(), v.uuid()), text);

/** Of a step that may be a fraction, which binary numbers only come near to. */
const isMultiple = (number: number, step: number): boolean =>
  Math.abs(number / step - Math.round(number / step)) < 1e-9;

function stepsSaid({ step = 1, money }: Extract<Field, { kind: 'number' }>): string {
  if (step === 1) return 'a whole number';
  return money && step === 0.01 ? 'in whole cents' : `a multiple of ${step}`;
}

/** Made once: a form is checked in the background for every call, and making takes longer than checking. */
const schemas = new WeakMap<Field, v.GenericSchema<string, string>>();

function schemaOf(field: Field): v.GenericSchema<string, string> {
  const known = schemas.get(field) ?? newSchema(field);
  schemas.set(field, known);
  return known;
}

function newSchema(field: Field): v.GenericSchema<string, string> {
  switch (field.kind) {
    case 'text':
    case 'secret':
    case 'long-text': {
      const { label, least = 1, most } = field;
      const pattern = 'pattern' in field ? field.pattern : undefined;
      return v.pipe(
        v.string(),
        v.check(text => text.trim() !== '', `${label} is empty.`),
        v.minLength(least, `${label} needs at least ${least} characters.`),
        v.maxLength(most, `${label} can have at most ${most.toLocaleString('en-GB')} characters.`),
        v.check(text => !pattern || pattern.shape.test(text), pattern?.otherwise ?? ''),
      );
    }
    case 'number': {
      const { label, least, most, step = 1 } = field;
      return v.pipe(
        v.string(),
        v.check(text => /^-?\d+(\.\d+)?$/.test(text.trim()), `${label} must be a number.`),
        v.check(
          text => Number(text) >= least && Number(text) <= most,
          `${label} must be from ${least} to ${most}.`,
        ),
        v.check(text => isMultiple(Number(text), step), `${label} must be ${stepsSaid(field)}.`),
      );
    }
    case 'image': {
      const { label, bytesOnly } = field;
      const sent = v.pipe(
        v.string(),
        v.nonEmpty(`${label} is missing.`),
        v.maxLength(LONGEST_IMAGE, `${label} is too large: at most 10 MB.`),
      );
      if (bytesOnly) {
        return v.pipe(
          sent,
          v.regex(PNG_OR_JPG, `${label} must be a PNG or JPG picture: a file, or one that was copied.`),
        );
      }
      return v.pipe(
        sent,
        v.check(
          text => DATA_IMAGE.test(text) || isUuid(text) || /^https:$/.test(URL.parse(text)?.protocol ?? ''),
          `${label} must be a PNG, JPG or WEBP picture, or the https address of one.`,
        ),
      );
    }
    case 'date':
      return v.pipe(v.string(), v.isoDate(`${field.label} must be a date.`));
    case 'choice':
      return v.picklist(
        field.choices.map(choice => choice.value),
        `${field.label} must be one of the list.`,
      );
  }
}

/** Checks a whole form. Values of unknown fields are dropped, never passed on. */
export function check(fields: readonly Field[], values: Values): { values: Values; faults: Faults } {
  const good: Values = {};
  const faults: Faults = {};
  for (const field of fields) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
    const text = (field.kind === 'long-text' ? value : value?.trim()) ?? '';
    if (text.trim() === '' && field.optional) continue;
    const read = v.safeParse(schemaOf(field), text, { abortPipeEarly: true });
    if (read.success) good[field.name] = read.output;
    else faults[field.name] = read.issues[0].message;
  }
  return { values: good, faults };
}

/** The fields that go into the vault's secrets; all others are listed with the key. */
export const secretFields = (fields: readonly Field[]): Field[] =>
  fields.filter(({ kind }) => kind === 'secret');

export const initialValues = (fields: readonly Field[]): Values =>
  Object.fromEntries(fields.map(field => [field.name, field.initial ?? '']));
