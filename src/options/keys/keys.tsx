import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { aboutOf } from '../../services/abouts';
import { useFocusAfter, useFocusFirst } from '../../ui/focus';
import type { KeyEntry } from '../../vault/key-index';
import type { Passkey } from '../../vault/proof';
import { brought } from '../brought';
import { AddKey } from './add-key';
import { arranged, type Order } from './arranged';
import { Finder } from './finder';
import { KeyCard, type Stay } from './key-card';
import { SelectionNotice } from './selection-notice';

/** More cards than these are drawn when asked for: a thousand at once would keep the page from opening. */
const FIRST = 20;

interface Props {
  readonly keys: readonly KeyEntry[];
  readonly used: Readonly<Record<string, number>>;
  /** What each has cost today, US dollars. */
  readonly spent: Readonly<Record<string, number>>;
  readonly passkeys: readonly Passkey[];
}

/** The section `Keys`. */
export function Keys({ keys, used, spent, passkeys }: Props) {
  const adding = useSignal(false);
  const add = useRef<HTMLButtonElement>(null);
  // Disabled meanwhile, it has lost the focus by the time that its form could remember it.
  useFocusAfter(adding.value, add);
  const said = useSignal<ComponentChildren>('');
  const search = useSignal('');
  const order = useSignal<Order>('added');
  const most = useSignal(FIRST);
  /** Why cards stay, by key id. */
  const staying = useSignal<ReadonlyMap<string, Stay>>(new Map());
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useFocusFirst(section, 'h2');
  useSignalEffect(() => {
    if (brought.value === '') return;
    said.value = '';
    adding.value = true;
  });

  const found = arranged(keys, used, search.value, order.value);
  const first = new Set(found.slice(0, most.value));
  // What was typed into a card is not lost to a search.
  const shown = arranged(keys, used, '', order.value).filter(
    key => first.has(key) || staying.value.has(key.id),
  );
  const left = () => found.slice(most.value).filter(({ id }) => !staying.value.has(id)).length;
  const searched = useComputed(() => search.value.trim() !== '');
  const showMore = () => {
    const at = first.size;
    most.value += FIRST;
    if (left() > 0) return;
    // The button is gone: the keyboard goes on with the first card that came.
    setTimeout(() => list.current?.children[at]?.querySelector('button')?.focus());
  };
  const done = (message: ComponentChildren, saved: readonly string[] = []) => {
    said.value = message;
    adding.value = false;
    staying.value = new Map([...staying.value, ...saved.map(id => [id, 'said'] as const)]);
  };
  const stay = (id: string, why: Stay | undefined) => {
    // Gone as a card is opened, it would move the list under the pointer.
    if (why === 'said') said.value = '';
    const others = [...staying.value].filter(([one]) => one !== id);
    staying.value = new Map(why ? [...others, [id, why]] : others);
  };

  return (
    <section ref={section} class="stack" aria-labelledby="keys">
      <div class="row spread">
        <h2 id="keys" ref={heading} tabIndex={-1}>
          Keys
        </h2>
        <button
          type="button"
          ref={add}
          class="primary"
          disabled={adding.value}
          onClick={() => {
            said.value = '';
            adding.value = true;
          }}
        >
          Add key
        </button>
      </div>
      <p class="quiet said" role="status">
        {said.value}
      </p>
      {adding.value && <AddKey onDone={done} />}
      {keys.length > 0 && !adding.value && <SelectionNotice onDone={() => heading.current?.focus()} />}
      {keys.length === 0 && !adding.value && (
        <div class="card empty stack tight">
          <h3>No keys yet</h3>
          <p class="quiet">
            Add one, and its tasks appear in the popup. Keys are encrypted before they are stored.
          </p>
        </div>
      )}
      {keys.length > 1 && (
        <Finder
          search={search.value}
          order={order.value}
          found={searched.value ? found.length : undefined}
          onSearch={text => {
            search.value = text;
            most.value = FIRST;
            staying.value = new Map([...staying.value].filter(([, why]) => why === 'open'));
          }}
          onOrder={chosen => (order.value = chosen)}
        />
      )}
      <ul class="stack tight keys" ref={list}>
        {shown.map(key => (
          <li key={key.id} class="card">
            <KeyCard
              entry={key}
              service={aboutOf(key.service)}
              used={used[key.id]}
              spent={spent[key.id] ?? 0}
              passkeys={passkeys}
              onStay={why => stay(key.id, why)}
              onDeleted={message => {
                said.value = message;
                heading.current?.focus();
              }}
            />
          </li>
        ))}
      </ul>
      {left() > 0 && (
        <button type="button" onClick={showMore}>
          Show {Math.min(FIRST, left())} more of {found.length}
        </button>
      )}
    </section>
  );
}
