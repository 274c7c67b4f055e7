import { useSignal } from '@preact/signals';
import type { About } from '../../services/about';
import type { Verdict } from '../../services/service';
import { Alert } from '../../ui/alert';
import { usePending } from '../../ui/pending';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import type { Passkey } from '../../vault/proof';
import { EditKey } from './edit-key';
import { Facts } from './facts';
import { ReplaceSecret } from './replace-secret';
import { Reveal } from './reveal';
import { Uses } from './uses';
import { VerdictShown } from './verdict';

type Open = 'nothing' | 'edit' | 'replace' | 'reveal' | 'uses' | 'delete';

interface Props {
  readonly entry: KeyEntry;
  readonly service: About;
  /** When it was last used, ms since the epoch. */
  readonly used: number | undefined;
  readonly passkeys: readonly Passkey[];
  readonly onDone: (message: string) => void;
}

/** A key of the list: what is known of it, what can be done with it, and one form at a time. */
export function KeyCard({ entry, service, used, passkeys, onDone }: Props) {
  const { id, label } = entry;
  const open = useSignal<Open>('nothing');
  const verdict = useSignal<Verdict | undefined>(undefined);
  const testing = usePending();

  const close = () => (open.value = 'nothing');
  const done = (message: string) => {
    close();
    onDone(message);
  };
  const test = () =>
    testing.run(async () => {
      verdict.value = undefined;
      verdict.value = await act('keys.test', { id });
    });
  const button = (name: Open, text: string, danger = false) => (
    <button
      type="button"
      class={danger ? 'danger' : ''}
      aria-expanded={open.value === name}
      onClick={() => (open.value = open.value === name ? 'nothing' : name)}
    >
      {text}
    </button>
  );

  if (open.value === 'edit') return <EditKey entry={entry} about={service} onDone={done} />;
  return (
    <div class="stack tight">
      <div class="stack tight">
        <Facts entry={entry} service={service} used={used} />
        <div class="row actions">
          <button
            type="button"
            class={testing.busy.value ? 'busy' : ''}
            disabled={testing.busy.value}
            onClick={test}
          >
            Test
          </button>
          {button('edit', 'Edit')}
          {button('replace', 'Replace')}
          {button('reveal', 'Reveal')}
          {button('uses', 'Where it has been')}
          {button('delete', 'Delete', true)}
        </div>
      </div>
      <VerdictShown verdict={verdict.value} />
      {testing.failure.value && <Alert failure={testing.failure.value} />}
      {open.value === 'replace' && (
        <ReplaceSecret entry={entry} about={service} onDone={done} onCancel={close} />
      )}
      {open.value === 'reveal' && (
        <Reveal entry={entry} about={service} passkeys={passkeys} onClose={close} />
      )}
      {open.value === 'uses' && <Uses id={id} service={service} />}
      {open.value === 'delete' && (
        <Delete entry={entry} onDeleted={() => done(`“${label}” was deleted.`)} onKeep={close} />
      )}
    </div>
  );
}

function Delete(props: { entry: KeyEntry; onDeleted: () => void; onKeep: () => void }) {
  const { id, label } = props.entry;
  const { busy, failure, run } = usePending();
  const remove = () =>
    run(async () => {
      await act('keys.remove', { id });
      props.onDeleted();
    });
  return (
    <div class="stack tight">
      <div class="row">
        <span>Delete “{label}” for good? It goes on working at its service until you revoke it there.</span>
        <button type="button" class="danger" disabled={busy.value} onClick={remove}>
          Yes, delete
        </button>
        <button type="button" onClick={props.onKeep}>
          Keep
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
