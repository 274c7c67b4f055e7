import type { Answer, Fields } from '../loopback/wire';
import type { Switches } from './options';
import { refusal } from './refusals';

const operators = {
  '==': (field, value) => field === value,
  '!=': (field, value) => field !== value,
  '<=': (field, value) => compare(field, value) <= 0,
  '>=': (field, value) => compare(field, value) >= 0,
  '=@': (field, value) => field.includes(value),
  '!@': (field, value) => !field.includes(value),
  '=^': (field, value) => field.startsWith(value),
  '=$': (field, value) => field.endsWith(value),
} as const satisfies Record<string, (field: string, value: string) => boolean>;

const isOperator = (text: string | undefined): text is keyof typeof operators =>
  text !== undefined && Object.hasOwn(operators, text);

/** Numbers as numbers, everything else, dates too, as text. */
const compare = (one: string, other: string): number =>
  Number(one) - Number(other) || (one < other ? -1 : one > other ? 1 : 0);

/** What the query lets through, in its order; or what is wrong with the query. */
export function selected(
  items: readonly Fields[],
  query: URLSearchParams,
): readonly Fields[] | { readonly wrong: Answer } {
  const filters = query.getAll('filterBy');
  if (filters.length > 1) return wrong('filterBy must be one comma-separated list');
  let kept = [...items];
  for (const filter of filters.flatMap(list => list.split(','))) {
    const [, field = '', operator, value = ''] = /^(\w+)(==|!=|<=|>=|=@|!@|=\^|=\$)(.*)$/.exec(filter) ?? [];
    if (!isOperator(operator)) return wrong(`invalid filterBy: ${filter}`);
    if (items.length > 0 && !items.some(item => field in item))
      return wrong(`unknown filterBy field: ${field}`);
    kept = kept.filter(item => operators[operator](String(item[field] ?? ''), value));
  }
  const words = (query.get('search') ?? '').toLowerCase();
  kept = kept.filter(item => String(item.name).toLowerCase().includes(words));
  const [by, order = 'asc'] = [query.get('sortBy'), query.get('sortOrder') ?? undefined];
  if (order !== 'asc' && order !== 'desc') return wrong(`invalid sortOrder: ${order}`);
  if (by === null) return kept;
  if (items.length > 0 && !items.some(item => by in item)) return wrong(`unknown sortBy field: ${by}`);
  const sign = order === 'asc' ? 1 : -1;
  return kept.sort((one, other) => sign * compare(String(one[by] ?? ''), String(other[by] ?? '')));
}

/** One page of a list, under its name, with `next` where there is more. */
export function listed(
  items: readonly Fields[],
  query: URLSearchParams,
  { name, nextAtEnd }: { name: string; nextAtEnd: Switches['nextAtEnd'] | 'never' },
): Answer {
  const all = selected(items, query);
  if ('wrong' in all) return all.wrong;
  const [limit, offset] = [whole(query.get('limit'), 50), whole(query.get('offset'), 0)];
  if (!(limit >= 1 && limit <= 500)) return wrong('limit must be between 1 and 500').wrong;
  if (!(offset >= 0)) return wrong('offset must not be negative').wrong;
  const end = offset + limit;
  const page = { [name]: all.slice(offset, end) };
  if (nextAtEnd === 'never') return { status: 200, body: page };
  const last = { absent: {}, null: { next: null }, empty: { next: '' } }[nextAtEnd];
  return { status: 200, body: { ...page, ...(end < all.length ? { next: end } : last) } };
}

export function counted(items: readonly Fields[], query: URLSearchParams): Answer {
  const all = selected(items, query);
  return 'wrong' in all ? all.wrong : { status: 200, body: { count: all.length } };
}

const wrong = (message: string) => ({ wrong: refusal(400, message) });

/** NaN for what is no whole number. */
function whole(text: string | null, otherwise: number): number {
  if (text === null) return otherwise;
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}
