import type { Field } from '../services/about';
import type { Values } from '../services/fields';

/**
 * What of a row's `fills` goes into a form: into fields that are still as they were at first, or as an earlier fill
 * left them. What a person typed stays.
 */
export function filledIn(fields: readonly Field[], values: Values, fills: Values, earlier: Values): Values {
  const put: Values = {};
  for (const { name, initial = '' } of fields) {
    const fill = Object.hasOwn(fills, name) ? fills[name] : undefined;
    const value = values[name] ?? '';
    const untouched = value === initial || (Object.hasOwn(earlier, name) && value === earlier[name]);
    if (fill !== undefined && untouched) put[name] = fill;
  }
  return put;
}
