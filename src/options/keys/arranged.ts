import { aboutOf } from '../../services/abouts';
import type { KeyEntry } from '../../vault/key-index';

export const orders = [
  { value: 'added', label: 'Added' },
  { value: 'label', label: 'Label' },
  { value: 'service', label: 'Service' },
  { value: 'used', label: 'Last used' },
  { value: 'rotate', label: 'Replace by' },
] as const;
export type Order = (typeof orders)[number]['value'];

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

type Compare = (a: KeyEntry, b: KeyEntry) => number;

/** The keys in which every word of the search stands, in order. The order of adding decides between equals. */
export function arranged(
  keys: readonly KeyEntry[],
  used: Readonly<Record<string, number>>,
  search: string,
  order: Order,
): readonly KeyEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found =
    words.length === 0 ? keys : keys.filter(key => words.every(word => textOf(key).includes(word)));
  const compare: Record<Order, Compare> = {
    added: () => 0,
    label: (a, b) => collator.compare(a.label, b.label),
    service: (a, b) => collator.compare(aboutOf(a.service).label, aboutOf(b.service).label),
    used: (a, b) => (used[b.id] ?? 0) - (used[a.id] ?? 0),
    rotate: (a, b) => (a.rotateBy ?? '9').localeCompare(b.rotateBy ?? '9'),
  };
  return order === 'added' ? found : [...found].sort(compare[order]);
}

const textOf = ({ label, service, environment, notes }: KeyEntry): string =>
  [label, aboutOf(service).label, environment, notes].join('\n').toLowerCase();
