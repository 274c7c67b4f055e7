import { documentation, ownedBy } from './failures';
import { type Failure, isObject, type Task } from './wire';

interface Range {
  required?: boolean;
  min?: number;
  max?: number;
}

/** Reads a task's parameters against their rules and gathers what is wrong with them. */
export class Fields {
  readonly task: Task;
  readonly failures: Failure[] = [];

  constructor(task: Task) {
    this.task = task;
  }

  text(name: string, { required = false, min = 1, max = Number.POSITIVE_INFINITY }: Range = {}): void {
    this.#present(name, 'string', required, value => {
      if (typeof value !== 'string') return this.wrong(name, 'string', `'${name}' must be a string.`);
      if (value.length >= min && value.length <= max) return;
      this.wrong(name, 'string', `'${name}' must be between ${min} and ${max} characters long.`, {
        min,
        max,
      });
    });
  }

  integer(name: string, range: Range & { multiplier?: number }): void {
    this.#numeric(name, 'integer', range);
  }

  decimal(name: string, range: Range): void {
    this.#numeric(name, 'float', range);
  }

  flag(name: string): void {
    this.#present(name, 'boolean', false, value => {
      if (typeof value !== 'boolean') this.wrong(name, 'boolean', `'${name}' must be true or false.`);
    });
  }

  choice(name: string, allowed: readonly string[], required = false): void {
    this.#present(name, 'string', required, value => {
      if (typeof value === 'string' && allowed.includes(value)) return;
      this.wrong(name, 'string', `'${name}' must be one of: ${allowed.join(', ')}.`, {
        allowedValues: allowed,
      });
    });
  }

  /** An AIR: creator:family@version. Models are not looked up, so any well-formed one will do. */
  model(required = true): void {
    this.#present('model', 'string', required, value => {
      if (typeof value === 'string' && /^[\w.-]+:[\w.-]+@[\w.-]+$/.test(value)) return;
      this.fail({
        code: 'unknownModel',
        message: "'model' is not a known model. Use an AIR identifier such as runware:400@2.",
        parameter: 'model',
        type: 'string',
      });
    });
  }

  missing(name: string, type: string): void {
    this.fail({
      code: 'missingParameter',
      message: `The required parameter '${name}' is missing.`,
      parameter: name,
      type,
    });
  }

  wrong(name: string, type: string, message: string, limits: Partial<Failure> = {}): void {
    this.fail({ code: 'invalidParameter', message, parameter: name, type, ...limits });
  }

  /** For what the real service can do and this emulator cannot. */
  unsupported(name: string, message: string): void {
    this.fail({ code: 'unsupportedParameter', message, parameter: name, type: 'string' });
  }

  fail(failure: Failure): void {
    this.failures.push(ownedBy(this.task, { documentation, ...failure }));
  }

  #present(name: string, type: string, required: boolean, rule: (value: unknown) => void): void {
    const value = at(this.task, name);
    if (value !== undefined) rule(value);
    else if (required) this.missing(name, type);
  }

  #numeric(
    name: string,
    type: 'integer' | 'float',
    { required = false, ...rule }: Range & { multiplier?: number },
  ) {
    this.#present(name, type, required, value => {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, multiplier = 1 } = rule;
      const fits = typeof value === 'number' && value >= min && value <= max;
      if (fits && (type === 'float' || value % multiplier === 0)) return;
      const step = rule.multiplier ? ` and a multiple of ${rule.multiplier}` : '';
      this.wrong(name, type, `'${name}' must be ${type} from ${min} to ${max}${step}.`, rule);
    });
  }
}

/** The parameter at a dotted path, such as settings.maxTokens. */
export function at(task: Task, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((holder, name) => (isObject(holder) ? holder[name] : undefined), task);
}
