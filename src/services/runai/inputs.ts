import type { Field } from '../about';

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const search: Field = {
  name: 'search',
  label: 'Search',
  kind: 'text',
  optional: true,
  most: 200,
  hint: 'A part of a name. Empty: all',
};

const CONDITION = String.raw`\s*[A-Za-z][\w.]*(?:==|!=|<=|>=|=@|!@|=\^|=\$)[^,]+`;

export const filter: Field = {
  name: 'filter',
  label: 'Filter',
  kind: 'text',
  optional: true,
  most: 1000,
  pattern: {
    shape: new RegExp(`^${CONDITION}(?:,${CONDITION})*$`),
    otherwise: 'Filter must be conditions such as phase==Running, separated by commas.',
  },
  hint: 'Such as phase==Running, projectName=@team. There are == != <= >= =@ (has) !@ (has not) =^ (begins) =$ (ends)',
  advanced: true,
};

export const sorting: readonly Field[] = [
  {
    name: 'sort',
    label: 'Sort by',
    kind: 'text',
    optional: true,
    most: 100,
    pattern: { shape: /^[A-Za-z][\w.]*$/, otherwise: 'Sort by must be one field’s name.' },
    hint: 'A field, such as createdAt',
    advanced: true,
  },
  {
    name: 'order',
    label: 'Order',
    kind: 'choice',
    initial: 'asc',
    choices: [
      { value: 'asc', label: 'Up' },
      { value: 'desc', label: 'Down' },
    ],
    advanced: true,
  },
];

export const paging: readonly Field[] = [
  { name: 'most', label: 'At most', kind: 'number', initial: '50', least: 1, most: 500, advanced: true },
  {
    name: 'from',
    label: 'Leave out first',
    kind: 'number',
    initial: '0',
    least: 0,
    most: 1_000_000,
    hint: 'To see what a list has beyond its end',
    advanced: true,
  },
];

export const workload: Field = {
  name: 'workload',
  label: 'Workload',
  kind: 'text',
  most: 36,
  pattern: { shape: UUID, otherwise: 'Workload must be its id, a UUID: type a part of its name and search.' },
  lookup: 'workloads',
  hint: 'Its id, or a part of its name to search for',
};
