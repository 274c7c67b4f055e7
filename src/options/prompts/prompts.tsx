import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Prompt } from '../../calls/prompt';
import { Alert } from '../../ui/alert';
import { useFocusAfter, useFocusFirst } from '../../ui/focus';
import { LookAgain } from '../../ui/look-again';
import { usePending } from '../../ui/pending';
import { Quoted } from '../../ui/quoted';
import type { KeyEntry } from '../../vault/key-index';
import { added, type Direction, moved, replaced, without } from './edits';
import { PromptForm } from './prompt-form';
import { PromptLine } from './prompt-line';
import { useSaved } from './saved';
import { Sharing } from './sharing';

/** The section `Prompts`. */
export function Prompts({ keys }: { keys: readonly KeyEntry[] }) {
  const { prompts, failure, look, change } = useSaved();
  const adding = useSignal(false);
  const said = useSignal<ComponentChildren>('');
  const moving = usePending();
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useFocusFirst(section, 'h2');
  useFocusAfter(adding.value, add);
  const known = prompts.value;
  const say = (message: ComponentChildren) => (said.value = message);

  const move = async ({ id, name }: Prompt, direction: Direction) => {
    // Presses that come quickly one after the other are all meant.
    const turn = change(all => {
      const after = moved(id, direction)(all);
      say(
        <>
          <Quoted text={name} /> is number {after.findIndex(one => one.id === id) + 1} of {after.length} now.
        </>,
      );
      return after;
    });
    try {
      await turn;
    } catch (thrown) {
      await moving.run(() => Promise.reject(thrown));
    }
    // What moves in the document loses the focus.
    setTimeout(() => focusMoved(list.current?.querySelector(`[data-prompt="${id}"]`), direction));
  };

  return (
    <section ref={section} class="stack" aria-labelledby="prompts">
      <div class="row spread">
        <h2 id="prompts" ref={heading} tabIndex={-1}>
          Prompts
        </h2>
        <button
          type="button"
          ref={add}
          class="primary"
          disabled={adding.value || !known}
          onClick={() => {
            say('');
            adding.value = true;
          }}
        >
          Add prompt
        </button>
      </div>
      <p class="quiet">
        They stand in the right-click menu and beside what you select, in this order. Select text on a page,
        or point at a picture, and choose one.
      </p>
      <p class="quiet said" role="status">
        {said.value}
      </p>
      {failure.value && <LookAgain failure={failure.value} onLook={() => void look()} />}
      {adding.value && (
        <div class="card">
          <PromptForm
            title="Add prompt"
            keys={keys}
            save={async prompt => {
              await change(added([{ id: crypto.randomUUID(), ...prompt }]));
              adding.value = false;
              say(
                <>
                  <Quoted text={prompt.name} /> was added, at the end.
                </>,
              );
            }}
            onCancel={() => (adding.value = false)}
          />
        </div>
      )}
      {known?.length === 0 && !adding.value && (
        <div class="card empty stack tight">
          <h3>No prompts</h3>
          <p class="quiet">Add one of your own, or restore the first ones.</p>
        </div>
      )}
      <ul class="stack tight" ref={list}>
        {known?.map((prompt, at) => (
          <li key={prompt.id} class="card" data-prompt={prompt.id}>
            <PromptLine
              prompt={prompt}
              keys={keys}
              isFirst={at === 0}
              isLast={at === known.length - 1}
              onMove={direction => void move(prompt, direction)}
              onSave={changed => change(replaced(changed))}
              onDelete={async () => {
                await change(without(prompt.id));
                say(
                  <>
                    <Quoted text={prompt.name} /> was deleted.
                  </>,
                );
                heading.current?.focus();
              }}
              onSaid={say}
            />
          </li>
        ))}
      </ul>
      {moving.failure.value && <Alert failure={moving.failure.value} />}
      {known && <Sharing prompts={known} change={change} />}
    </section>
  );
}

/** Puts the keyboard back on the button that moved a line, or on the other one where it can go no further. */
function focusMoved(line: Element | null | undefined, direction: Direction): void {
  const { activeElement } = document;
  // The person may have gone elsewhere meanwhile.
  if (activeElement !== document.body && !line?.contains(activeElement)) return;
  const buttons = [...(line?.querySelectorAll<HTMLButtonElement>('[data-move]:enabled') ?? [])];
  (buttons.find(({ dataset }) => dataset.move === direction) ?? buttons[0])?.focus();
}
