/** What travels: the shapes of one request, one result, one failure. */

export type Task = Readonly<Record<string, unknown>>;

export interface Item {
  taskType: string;
  taskUUID?: string;
  [field: string]: unknown;
}

export interface Failure {
  code: string;
  message: string;
  parameter?: string | readonly string[];
  type?: string;
  min?: number;
  max?: number;
  multiplier?: number;
  allowedValues?: readonly string[];
  documentation?: string;
  taskType?: string;
  taskUUID?: string;
}

/** One outgoing message. Scripted errors use shapes of their own, hence the openness. */
export type Frame = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Task =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;
