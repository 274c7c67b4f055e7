import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { Found, Reading } from '../../guard/paste';
import { aboutOf, abouts } from '../../services/abouts';
import { check } from '../../services/fields';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { useFocusAfter } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { askToReach } from '../../ui/reach';
import { act } from '../../ui/state';
import { noteUnsaved } from '../unsaved';

interface Props {
  /** The service whose form is open. */
  readonly chosen: string;
  /** A text that is read as if it were pasted, once. */
  readonly pasted: Signal<string>;
  /** What the last paste held. */
  readonly reading: Signal<Reading | undefined>;
  /** Of several keys at once, those that are neither added nor left out. */
  readonly several: Signal<readonly Found[]>;
  /** One key was found: the form is to show it. */
  readonly onFound: (found: Found) => void;
  readonly onAdded: (message: ComponentChildren, saved: readonly string[]) => void;
}

/** Takes whatever a person has at hand, and says what it made of it. The text is not kept. */
export function PasteBox({ chosen, pasted, reading, several, onFound, onAdded }: Props) {
  const id = useId();
  const pastes = useSignal(0);
  const box = useRef<HTMLTextAreaElement>(null);
  useFocusAfter(several.value.length > 0, box);
  const { found, unplaced } = reading.value ?? { found: [], unplaced: [] };
  const only = found.length === 1 ? found[0] : undefined;

  const readBox = (box: HTMLTextAreaElement) => {
    const text = box.value;
    if (text.trim() === '') return;
    box.value = '';
    void read(text);
  };
  const read = async (text: string) => {
    const { readPaste } = await import('../../guard/paste');
    const { found, unplaced } = readPaste(text, abouts, chosen);
    reading.value = { found, unplaced };
    several.value = found.length > 1 ? found : [];
    pastes.value += 1;
    if (found.length > 0 && box.current?.form) noteUnsaved(box.current.form);
    const [one] = found;
    if (one && found.length === 1) onFound(one);
  };
  useSignalEffect(() => {
    const text = pasted.value;
    if (text === '') return;
    pasted.value = '';
    void read(text);
  });

  return (
    <div class="stack tight">
      <div class="field">
        <label for={id}>Paste anything</label>
        <textarea
          id={id}
          ref={box}
          class="paste"
          rows={2}
          autocomplete="off"
          spellcheck={false}
          placeholder="A key, a .env file, JSON, a curl command or an address"
          aria-describedby={`${id}-hint`}
          onInput={event => !isTyped(event) && readBox(event.currentTarget)}
          onChange={event => readBox(event.currentTarget)}
        />
        <span class="hint" id={`${id}-hint`}>
          Runkey finds the keys in it and fills in the form. What you paste stays in this page.
        </span>
      </div>
      <div role="status" class="stack tight">
        {only && <p class="notice">The form was filled in from {only.where}.</p>}
        {unplaced.length > 0 && (
          <div class="notice">
            <p>Not placed:</p>
            <ul class="bullets">
              {unplaced.map(({ where, why }) => (
                <li key={`${where}: ${why}`}>
                  {where}: {why}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
      {several.value.length > 0 && (
        <Several key={pastes.value} count={found.length} left={several} onAdded={onAdded} />
      )}
    </div>
  );
}

/** What is typed is read when the person leaves the box, not letter by letter. */
const isTyped = (event: InputEvent): boolean =>
  event.inputType.startsWith('delete') || (event.inputType === 'insertText' && event.data?.length === 1);

interface SeveralProps {
  /** How many were found. */
  readonly count: number;
  readonly left: Signal<readonly Found[]>;
  readonly onAdded: (message: ComponentChildren, saved: readonly string[]) => void;
}

/** Several keys at once: which of them to add. */
function Several({ count, left, onAdded }: SeveralProps) {
  const { busy, failure, run } = usePending();
  const whole = left.value.filter(isWhole);
  const list = useRef<HTMLUListElement>(null);

  const add = () => {
    if (busy.value) return;
    const wanted = left.value.filter(isWhole);
    // Before anything else: the browser asks only for what a click set off.
    const allowed = askToReach(
      wanted.flatMap(({ service, values }) => aboutOf(service).originsOf?.(values) ?? []),
    );
    void run(async () => {
      await allowed;
      const saved: string[] = [];
      for (const key of wanted) {
        const { id } = await act('keys.add', {
          service: key.service,
          notes: { label: labelOf(key), ...(key.environment && { environment: key.environment }) },
          values: key.values,
        });
        saved.push(id);
        // What is added leaves the list at once: a failure leaves the rest.
        left.value = left.value.filter(one => one !== key);
      }
      onAdded(wanted.length === 1 ? 'One key was saved.' : `${wanted.length} keys were saved.`, saved);
    });
  };

  /** Its button goes with it, and the keyboard to the one that takes its place. */
  const leaveOut = (key: Found, at: number) => {
    left.value = left.value.filter(one => one !== key);
    setTimeout(() => {
      const buttons = list.current?.querySelectorAll('button');
      (buttons?.[at] ?? buttons?.[at - 1])?.focus();
    });
  };

  return (
    <fieldset class="stack tight">
      <legend>{count} keys found</legend>
      <ul class="lines" ref={list}>
        {left.value.map((key, at) => (
          <li key={key.where} class="row spread">
            <span>
              <strong>
                <bdi>{labelOf(key)}</bdi>
              </strong>{' '}
              <span class="quiet">{aboutOf(key.service).label}</span>
              <span class="quiet small">
                {' '}
                {key.where}
                {!isWhole(key) && ': something is missing, add it by itself'}
              </span>
            </span>
            <button type="button" onClick={() => leaveOut(key, at)}>
              Leave out
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <Button class="primary" busy={busy.value} disabled={whole.length === 0} onClick={add}>
          {whole.length === 1 ? 'Add one key' : `Add ${whole.length} keys`}
        </Button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </fieldset>
  );
}

const labelOf = ({ label, service }: Found): string => label ?? aboutOf(service).label;

const isWhole = ({ service, values }: Found): boolean =>
  Object.keys(check(aboutOf(service).keyFields, values).faults).length === 0;
