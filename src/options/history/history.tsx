import { untracked, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Alert } from '../../ui/alert';
import { useFocusFirst } from '../../ui/focus';
import { act, face, watch } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import { Sure } from '../sure';
import { cardId } from './card';
import { type Choice, Filters, filterOf } from './filters';
import { Grid } from './grid';
import { LargeView } from './large-view';
import { Loaded } from './loaded';
import { More } from './more';
import { useRetentionChoice } from './retention-choice';

/** The section `History`. */
export function History({ keys }: { keys: readonly KeyEntry[] }) {
  const loaded = useMemo(() => new Loaded(wish => act('history.list', wish)), []);
  const choice = useSignal<Choice>({});
  const said = useSignal('');
  const clearing = useSignal(false);
  /** The id of the call that is shown large. */
  const shown = useSignal<string | undefined>(undefined);
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusFirst(section, 'h2');

  useSignalEffect(() => {
    const state = face.value;
    if (state.type === 'snapshot' && state.vault === 'unlocked') untracked(() => loaded.sync(state.calls));
  });
  useEffect(() => {
    void loaded.begin();
    // Calls are made in the popup, over this page: what came of them meanwhile shows when it closes.
    addEventListener('focus', watch);
    return () => removeEventListener('focus', watch);
  }, [loaded]);

  const calls = loaded.calls.value;
  const at = calls.findIndex(({ id }) => id === shown.value);
  const large = calls[at];
  const older = calls[at + 1];
  useEffect(() => {
    if (large && !older && loaded.more.value) void loaded.load();
  }, [large, older, loaded]);

  const deleted = (id: string) => {
    const next = older ?? calls[at - 1];
    loaded.drop(id);
    shown.value = undefined;
    said.value = 'The call was deleted.';
    setTimeout(() => (document.getElementById(cardId(next?.id ?? '')) ?? heading.current)?.focus());
  };
  const clear = async () => {
    await act('history.clear', {});
    clearing.value = false;
    said.value = 'Every finished call was deleted.';
    await loaded.begin();
  };
  const retention = useRetentionChoice({
    changed: message => {
      said.value = message;
      void loaded.begin();
    },
    asked: () => (clearing.value = false),
  });
  const filtered = Object.values(choice.value).some(value => value !== undefined);

  return (
    <section ref={section} class="stack history" aria-labelledby="history">
      <div class="stack tight">
        <div class="row spread">
          <h2 id="history" ref={heading} tabIndex={-1}>
            History
          </h2>
          <div class="row">
            {retention.choice}
            <button
              type="button"
              class="danger"
              aria-expanded={clearing.value}
              onClick={() => {
                retention.withdraw();
                clearing.value = !clearing.value;
              }}
            >
              Delete all
            </button>
          </div>
        </div>
        <p class="quiet small">
          Encrypted like your keys, in this browser only. Nothing from private windows is kept.
        </p>
      </div>
      {retention.question}
      {clearing.value && (
        <div class="notice">
          <Sure yes="Yes, delete all" no="Keep" onYes={clear} onNo={() => (clearing.value = false)}>
            Delete every finished call and its results, for good?
          </Sure>
        </div>
      )}
      <p class="quiet said" role="status">
        {said.value}
      </p>
      <Filters
        choice={choice.value}
        keys={keys}
        onChoice={chosen => {
          choice.value = chosen;
          said.value = '';
          void loaded.begin(filterOf(chosen));
        }}
      />
      {loaded.begun.value && !loaded.more.value && calls.length === 0 && (
        <p class="quiet nothing">
          {filtered
            ? 'No call is like that.'
            : retention.days === 0
              ? 'Nothing is kept. The popup shows what came of a call, for ten minutes at most.'
              : 'Nothing yet. Calls you run appear here.'}
        </p>
      )}
      <Grid groups={loaded.groups.value} shown={shown} />
      <More loaded={loaded} />
      {loaded.failure.value && <Alert failure={loaded.failure.value} />}
      {large && (
        <LargeView
          call={large}
          newer={calls[at - 1]}
          older={older}
          onStep={({ id }) => (shown.value = id)}
          onClose={() => (shown.value = undefined)}
          onAgain={() => {
            shown.value = undefined;
            said.value = 'It runs again. Its result appears at the top of the history.';
          }}
          onDeleted={() => deleted(large.id)}
        />
      )}
    </section>
  );
}
