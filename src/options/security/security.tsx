import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useFocusFirst } from '../../ui/focus';
import type { Passkey } from '../../vault/proof';
import { Erase } from '../erase';
import { Restore } from '../restore';
import { BackUp } from './back-up';
import { ChangePassphrase } from './change-passphrase';
import { LockingChoice } from './locking-choice';
import { Passkeys } from './passkeys';
import { SpendingChoice } from './spending-choice';

type Open = 'nothing' | 'passphrase' | 'vault-key' | 'back-up' | 'restore' | 'erase';
type Card = 'passphrase' | 'passkeys' | 'backup';

/** The section `Security`. */
export function Security({ passkeys }: { passkeys: readonly Passkey[] }) {
  const open = useSignal<Open>('nothing');
  /** What was done last. Each card says its own, for the top of the page may be out of sight. */
  const said = useSignal<Partial<Record<Card, ComponentChildren>>>({});
  const section = useRef<HTMLElement>(null);
  useFocusFirst(section, 'h2');

  const close = () => (open.value = 'nothing');
  const doneIn = (card: Card) => (message: ComponentChildren) => {
    said.value = { [card]: message };
    close();
  };
  const button = (name: Open, text: string, danger = false) => (
    <button
      type="button"
      class={danger ? 'danger' : ''}
      aria-expanded={open.value === name}
      onClick={() => {
        said.value = {};
        open.value = open.value === name ? 'nothing' : name;
      }}
    >
      {text}
    </button>
  );

  return (
    <section ref={section} class="stack" aria-labelledby="security">
      <h2 id="security" tabIndex={-1}>
        Security
      </h2>
      <LockingChoice />
      <SpendingChoice />
      <div class="card stack">
        <div class="stack tight">
          <h3>Passphrase</h3>
          <p class="quiet">
            A new passphrase opens the same vault. If somebody may know the old one, replace the vault key as
            well: everything is encrypted anew.
          </p>
        </div>
        <div class="row">
          {button('passphrase', 'Change passphrase')}
          {button('vault-key', 'Replace vault key')}
        </div>
        <Said>{said.value.passphrase}</Said>
        {open.value === 'passphrase' && (
          <ChangePassphrase
            kind="passphrase"
            passkeys={passkeys}
            onDone={doneIn('passphrase')}
            onCancel={close}
          />
        )}
        {open.value === 'vault-key' && (
          <ChangePassphrase
            kind="vault-key"
            passkeys={passkeys}
            onDone={doneIn('passphrase')}
            onCancel={close}
          />
        )}
      </div>
      <Passkeys
        passkeys={passkeys}
        said={said.value.passkeys}
        onDone={message => (said.value = { passkeys: message })}
      />
      <div class="card stack">
        <div class="stack tight">
          <h3>Backup</h3>
          <p class="quiet">
            One file with every key, locked with your passphrase. Runkey restores it, and so does the standard
            tool <code>age</code>, without Runkey.
          </p>
        </div>
        <div class="row">
          {button('back-up', 'Back up')}
          {button('restore', 'Restore')}
        </div>
        <Said>{said.value.backup}</Said>
        {open.value === 'back-up' && <BackUp onDone={doneIn('backup')} onCancel={close} />}
        {open.value === 'restore' && <Restore onDone={doneIn('backup')} onCancel={close} />}
      </div>
      <div class="card stack">
        <div class="stack tight">
          <h3>Start again</h3>
          <p class="quiet">Deletes the vault and everything in it from this browser.</p>
        </div>
        <div class="row">{button('erase', 'Erase', true)}</div>
        {open.value === 'erase' && (
          <Erase why="Back up first if you may want these keys again." onCancel={close} />
        )}
      </div>
    </section>
  );
}

/** There before it says anything, as screen readers want it. */
const Said = ({ children }: { children: ComponentChildren }) => (
  <p class="quiet" role="status">
    {children}
  </p>
);
