import type { Found } from '../../guard/paste';
import type { About } from '../../services/about';
import { initialValues, type Values } from '../../services/fields';
import { dailyLimit, label, noteFields } from './notes';

/** Whose key the form is for, and what the last paste held of it. */
export interface Proposal {
  readonly about: About;
  readonly found?: Found;
}

/** What the form of a new key holds before the person changes anything. */
export const startOf = ({ about, found }: Proposal): Values => ({
  ...initialValues([dailyLimit, ...noteFields, ...about.keyFields]),
  label: found?.label ?? about.label,
  ...said(found),
});

/** The fields of every key, whatever its service. */
const common = new Set([label, dailyLimit, ...noteFields].map(({ name }) => name));

/**
 * A form's values once something else is proposed. What the person put in stays, unless the paste has a value
 * for that very field; their label stays in any case. What one service asks for is nothing to another.
 */
export function proposed(values: Values, before: Proposal, next: Proposal): Values {
  const was = startOf(before);
  const same = before.about.name === next.about.name;
  const kept = Object.entries(values).filter(([name, value]) =>
    common.has(name) ? value !== was[name] : same,
  );
  return { ...startOf(next), ...Object.fromEntries(kept), ...said(next.found) };
}

/** What a paste has of the fields. */
const said = (found: Found | undefined): Values => ({
  ...(found?.environment && { environment: found.environment }),
  ...found?.values,
});
