import { useId } from 'preact/hooks';
import { type Order, orders } from './arranged';

interface Props {
  readonly search: string;
  readonly order: Order;
  /** How many are found, while something is searched for. */
  readonly found: number | undefined;
  readonly onSearch: (text: string) => void;
  readonly onOrder: (order: Order) => void;
}

/** Search and order of the list. */
export function Finder({ search, order, found, onSearch, onOrder }: Props) {
  const id = useId();
  return (
    <search class="row finder">
      <label class="unseen" for={`${id}-search`}>
        Search keys
      </label>
      <input
        id={`${id}-search`}
        type="search"
        placeholder="Search"
        autocomplete="off"
        value={search}
        onInput={event => onSearch(event.currentTarget.value)}
      />
      <label class="unseen" for={`${id}-order`}>
        Sort by
      </label>
      <select
        id={`${id}-order`}
        value={order}
        onChange={event => {
          const chosen = orders.find(({ value }) => value === event.currentTarget.value);
          if (chosen) onOrder(chosen.value);
        }}
      >
        {orders.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <span class="quiet small" role="status">
        {found !== undefined && (found === 1 ? 'One found' : `${found} found`)}
      </span>
    </search>
  );
}
