import type { Call } from './call';
import { badParam, missingParam } from './failures';
import type { Switches } from './options';

interface TextRule {
  readonly required?: boolean;
  readonly most?: number;
  readonly among?: readonly string[];
}

interface NumberRule {
  readonly required?: boolean;
  readonly least?: number;
  readonly most?: number;
  readonly among?: readonly number[];
}

/** Reads parameters by their rules; the first one that breaks its rule refuses the call. */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #textual: boolean;
  readonly #asked = new Set<string>();

  /** `textual`: numbers and flags come as text, or may. */
  constructor(values: Readonly<Record<string, unknown>>, textual: boolean) {
    this.#values = values;
    this.#textual = textual;
  }

  static ofBody({ form, textual }: Call, { numbersAsText }: Switches): Params {
    return new Params(form, textual || numbersAsText);
  }

  static ofQuery({ query }: Call): Params {
    return new Params(Object.fromEntries(query), true);
  }

  text(name: string, { required = false, most = Number.POSITIVE_INFINITY, among }: TextRule = {}) {
    const value = this.#value(name, required);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw badParam(`Param ${name} must be a string`);
    if (value.length > most) throw badParam(`Param ${name} exceeds maximum length of ${most} characters`);
    if (among && !among.includes(value)) throw notAmong(name, value, among);
    return value;
  }

  integer(name: string, { required = false, least, most, among }: NumberRule = {}) {
    const value = this.#value(name, required);
    if (value === undefined) return undefined;
    const number = this.#textual && typeof value === 'string' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) {
      throw badParam(`Param ${name} must be an integer`);
    }
    if (among && !among.includes(number)) throw notAmong(name, number, among);
    if (number < (least ?? number) || number > (most ?? number)) {
      throw badParam(`Param ${name} (${number}) is out of valid range ${least}…${most}`);
    }
    return number;
  }

  flag(name: string): boolean {
    const value = this.#value(name, false);
    if (value === undefined) return false;
    if (typeof value === 'boolean') return value;
    if (this.#textual && (value === 'true' || value === 'false')) return value === 'true';
    throw badParam(`Param ${name} must be true or false`);
  }

  /** A name that nobody has asked for, once all that are known have been. */
  get stranger(): string | undefined {
    return Object.keys(this.#values).find(name => !this.#asked.has(name));
  }

  /** An empty value is none, as in a form whose field was left empty. */
  #value(name: string, required: boolean): unknown {
    this.#asked.add(name);
    const value = this.#values[name];
    if (value !== undefined && value !== null && value !== '') return value;
    if (required) throw missingParam(name);
    return undefined;
  }
}

const notAmong = (name: string, value: string | number, among: readonly (string | number)[]) =>
  badParam(`Param ${name} value ${value} is not supported, supported values: ${among.join(', ')}`);
