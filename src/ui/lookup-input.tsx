import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { reportOf } from '../failure';
import type { Field } from '../services/about';
import type { Values } from '../services/fields';
import type { Row } from '../services/service';
import { Button } from './button';
import type { ControlProps } from './field';

/** Asks for what a field may hold, by a part of its name. It leaves this machine, so only the person sets it off. */
export type Look = (search: string) => Promise<{ rows: readonly Row[]; total: number }>;

interface Props {
  readonly shared: ControlProps;
  readonly field: Field;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly look: Look;
  /** Told what a chosen row brings along for other fields. */
  readonly onFills?: ((fills: Values) => void) | undefined;
}

/** The fewest characters that are looked up. */
const LEAST = 2;

/** A text that is free, and that can be chosen from what a search for it finds (the combobox pattern of ARIA). */
export function LookupInput({ shared, field, value, onValue, look, onFills }: Props) {
  const found = useSignal<readonly Row[]>([]);
  const at = useSignal(-1);
  const said = useSignal('');
  const busy = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const open = found.value.length > 0;
  const chosen = found.value[at.value];

  const latest = useRef(0);
  const close = () => {
    latest.current++;
    found.value = [];
    at.value = -1;
    said.value = '';
    busy.value = false;
  };
  const search = async () => {
    close();
    input.current?.focus();
    const wanted = value.trim();
    if (wanted.length < LEAST) {
      said.value = 'Type at least two characters of a name or an id.';
      return;
    }
    const turn = latest.current;
    busy.value = true;
    said.value = 'Searching…';
    const outcome = await look(wanted).catch(reportOf);
    if (turn !== latest.current) return;
    busy.value = false;
    if ('code' in outcome) {
      said.value = [outcome.message, outcome.next].filter(Boolean).join(' ');
      return;
    }
    const { rows, total } = outcome;
    found.value = rows;
    said.value =
      rows.length === 0
        ? `Nothing was found for “${wanted}”.`
        : rows.length < total
          ? `${rows.length} of ${total} found. More of the name finds fewer.`
          : `${rows.length} found. Choose with the arrow keys and Enter.`;
  };
  const choose = ({ id, fills }: Row) => {
    onValue(id);
    if (fills) onFills?.(fills);
    close();
    input.current?.focus();
  };
  const move = (step: 1 | -1) => {
    const { length } = found.value;
    at.value = at.value < 0 && step < 0 ? length - 1 : (at.value + step + length) % length;
    document.getElementById(`${list}-${at.value}`)?.scrollIntoView({ block: 'nearest' });
  };
  const complete = 'pattern' in field && field.pattern?.shape.test(value.trim());
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && (open || said.value)) close();
    else if (open && event.key === 'ArrowDown') move(1);
    else if (open && event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && chosen) choose(chosen);
    // A name is not what the field takes yet: it is what to search for.
    else if (event.key === 'Enter' && !complete && !event.ctrlKey && !event.metaKey) void search();
    else return;
    event.preventDefault();
  };

  return (
    <div
      class="lookup"
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) close();
      }}
    >
      <div class="row">
        <input
          {...shared}
          ref={input}
          type="text"
          role="combobox"
          aria-expanded={open}
          aria-controls={open ? list : undefined}
          aria-autocomplete="list"
          aria-activedescendant={chosen && `${list}-${at.value}`}
          autocomplete="off"
          spellcheck={false}
          value={value}
          onKeyDown={press}
          onInput={({ currentTarget }) => {
            close();
            onValue(currentTarget.value);
          }}
        />
        <Button busy={busy.value} onClick={() => void search()}>
          Search
        </Button>
      </div>
      {open && (
        <div id={list} class="found-options" role="listbox" aria-label="Found" tabIndex={-1}>
          {found.value.map((row, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field, and chooses there.
            <div
              key={row.id}
              id={`${list}-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === at.value}
              // Pressed, it would take the focus out of the field.
              onMouseDown={event => event.preventDefault()}
              onClick={() => choose(row)}
            >
              <span>{row.title}</span>
              <code>{row.id}</code>
            </div>
          ))}
        </div>
      )}
      <p class="quiet small" role="status">
        {said.value}
      </p>
    </div>
  );
}
