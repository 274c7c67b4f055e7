import type { Item } from '../../calls/call';
import { CopyButton } from '../copy-button';

/** What was found, each with the id by which it is asked for; what has none is copied as it is shown. */
export function ListItem({ item: { rows, total } }: { item: Extract<Item, { kind: 'list' }> }) {
  if (rows.length === 0) return <p>Nothing was found.</p>;
  return (
    <div class="stack tight">
      <ul class="found">
        {rows.map(({ id, title, note }, at) => (
          <li key={at}>
            <div>
              <strong>{title}</strong>
              {note && <span class="quiet small">{note}</span>}
              {id && <code>{id}</code>}
            </div>
            <CopyButton
              copy={() => navigator.clipboard.writeText(id || [title, note].filter(Boolean).join(', '))}
              which={title}
            />
          </li>
        ))}
      </ul>
      <p class="quiet small">
        {rows.length} of {Math.max(total, rows.length)} shown
      </p>
    </div>
  );
}
