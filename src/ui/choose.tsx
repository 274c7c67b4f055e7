import { useId } from 'preact/hooks';

export interface Group {
  /** Without one, its options stand for themselves. */
  readonly label: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly groups: readonly Group[];
  /** The element that says more about what is chosen. */
  readonly described?: string;
}

export function Choose({ label, value, onValue, groups, described }: Props) {
  const id = useId();
  const options = (group: Group) =>
    group.options.map(option => (
      <option key={option.id} value={option.id}>
        {option.label}
      </option>
    ));
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={described}
        onChange={event => onValue(event.currentTarget.value)}
      >
        {groups.map(group =>
          group.label ? (
            <optgroup key={group.label} label={group.label}>
              {options(group)}
            </optgroup>
          ) : (
            options(group)
          ),
        )}
      </select>
    </div>
  );
}
