import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { About } from '../../services/about';
import type { Verdict } from '../../services/service';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { useFocusAfter } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { Quoted } from '../../ui/quoted';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import type { Passkey } from '../../vault/proof';
import { Accounts } from '../accounts/accounts';
import { Sure } from '../sure';
import { leave } from '../unsaved';
import { Barred } from './barred';
import { EditKey } from './edit-key';
import { Facts } from './facts';
import { ReplaceSecret } from './replace-secret';
import { Reveal } from './reveal';
import { Uses } from './uses';
import { VerdictShown } from './verdict';

/** How old what is known of a balance may be, ms. */
const FRESH = 60_000;

type Open = 'nothing' | 'accounts' | 'edit' | 'replace' | 'reveal' | 'uses' | 'delete';

/** Why a card stays in the list when a search does not find it: a form is open in it, or it says what was done. */
export type Stay = 'open' | 'said';

interface Props {
  readonly entry: KeyEntry;
  readonly service: About;
  /** When it was last used, ms since the epoch. */
  readonly used: number | undefined;
  /** What its calls have cost today, US dollars. */
  readonly spent: number;
  readonly passkeys: readonly Passkey[];
  readonly onStay: (why: Stay | undefined) => void;
  readonly onDeleted: (message: ComponentChildren) => void;
}

/**
 * A key of the list: what is known of it, what can be done with it, and one form at a time. Its buttons are named alike
 * on every card, so they are described by whose they are.
 */
export function KeyCard({ entry, service, used, spent, passkeys, onStay, onDeleted }: Props) {
  const { id, label } = entry;
  const heading = useId();
  const open = useSignal<Open>('nothing');
  const said = useSignal<ComponentChildren>('');
  const verdict = useSignal<Verdict | undefined>(undefined);
  /** What its account has left, US dollars, once a test has worked and the service says so. */
  const balance = useSignal<number | undefined>(undefined);
  const testing = usePending();
  const card = useRef<HTMLDivElement>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  useFocusAfter(open.value === 'edit', editButton);

  const turn = (to: Open) => {
    open.value = to;
    onStay(to === 'nothing' ? undefined : 'open');
  };
  const close = () => turn('nothing');
  const done = (message: ComponentChildren) => {
    close();
    said.value = message;
    if (message === '') return;
    onStay('said');
    // What its service said, it said of what was there before.
    verdict.value = undefined;
    balance.value = undefined;
    testing.failure.value = undefined;
  };
  const test = () =>
    testing.run(async () => {
      verdict.value = undefined;
      balance.value = undefined;
      const found = await act('keys.test', { id });
      verdict.value = found;
      if (found.outcome === 'works') void lookAtBalance(found);
    });
  const lookAtBalance = async (found: Verdict) => {
    // More than was asked for: where it cannot be had, the verdict stands alone.
    const health = await act('keys.health', { id, maxAge: FRESH }).catch(() => undefined);
    if (verdict.value === found) balance.value = health?.balance;
  };
  const button = (name: Open, text: string, danger = false) => (
    <button
      type="button"
      ref={name === 'edit' ? editButton : null}
      class={danger ? 'danger' : ''}
      aria-describedby={heading}
      aria-expanded={open.value === name}
      onClick={() =>
        leave(card.current, {
          go() {
            said.value = '';
            turn(open.value === name ? 'nothing' : name);
          },
        })
      }
    >
      {text}
    </button>
  );

  if (open.value === 'edit') return <EditKey entry={entry} about={service} onDone={done} />;
  return (
    <div class="stack tight" ref={card}>
      <div class="stack tight">
        <Facts heading={heading} entry={entry} service={service} used={used} spent={spent} />
        <Barred heading={heading} entry={entry} service={service} />
        <div class="row actions">
          <Button busy={testing.busy.value} turns described={heading} onClick={test}>
            Test
          </Button>
          {service.accounts && button('accounts', 'Accounts')}
          {button('edit', 'Edit')}
          {button('replace', 'Replace')}
          {button('reveal', 'Reveal')}
          {button('uses', 'Where it has been')}
          {button('delete', 'Delete', true)}
        </div>
      </div>
      <p class="quiet" role="status">
        {said.value}
      </p>
      <VerdictShown verdict={verdict.value} balance={balance.value} />
      {testing.failure.value && <Alert failure={testing.failure.value} />}
      {open.value === 'accounts' && <Accounts id={id} service={service} />}
      {open.value === 'replace' && (
        <ReplaceSecret entry={entry} about={service} onDone={done} onCancel={close} />
      )}
      {open.value === 'reveal' && (
        <Reveal entry={entry} about={service} passkeys={passkeys} onClose={close} />
      )}
      {open.value === 'uses' && <Uses id={id} service={service} used={used} />}
      {open.value === 'delete' && (
        <Sure
          yes="Yes, delete"
          no="Keep"
          onYes={async () => {
            await act('keys.remove', { id });
            onDeleted(
              <>
                <Quoted text={label} /> was deleted.
              </>,
            );
          }}
          onNo={close}
        >
          Delete <Quoted text={label} /> for good? It goes on working at its service until you revoke it
          there.
        </Sure>
      )}
    </div>
  );
}
