import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Failure } from '../../failure';
import type { About } from '../../services/about';
import { keptIn } from '../../services/accounts';
import { Alert } from '../../ui/alert';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { Quoted } from '../../ui/quoted';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import type { Passkey } from '../../vault/proof';
import { Confirm } from '../confirm';
import { copySecret } from '../copied';
import { isLookedAt, someoneLooks } from './looking';

/** How long a secret is shown, seconds. */
const SHOWN = 30;

interface Props {
  readonly entry: KeyEntry;
  readonly about: About;
  readonly passkeys: readonly Passkey[];
  readonly onClose: () => void;
}

/** A key's secret, for whoever proves again that the vault is theirs; gone after a while or when nobody looks. */
export function Reveal({ entry: { id, label }, about, passkeys, onClose }: Props) {
  const secrets = useSignal<Record<string, string> | undefined>(undefined);
  const box = useRef<HTMLDivElement>(null);
  useFocusFirst(box);
  return (
    <div ref={box}>
      {secrets.value ? (
        <Shown secrets={secrets.value} about={about} onClose={onClose} />
      ) : (
        <Confirm
          title={
            <>
              Reveal <Quoted text={label} />
            </>
          }
          action="Show it"
          passkeys={passkeys}
          onProof={async proof => {
            const revealed = await act('keys.reveal', { id, proof });
            if (!(await someoneLooks()))
              throw new Failure('refused', 'It was not shown, for you were looking elsewhere.', {
                next: 'Ask for it again, and stay on this page.',
              });
            secrets.value = revealed;
          }}
          onCancel={onClose}
        />
      )}
    </div>
  );
}

function Shown({
  secrets,
  about,
  onClose,
}: {
  secrets: Record<string, string>;
  about: About;
  onClose: () => void;
}) {
  const left = useSignal(SHOWN);
  const { failure, run } = usePending();
  // The page is drawn anew whenever its state changes, which must not begin the time anew.
  const close = useRef(onClose);
  close.current = onClose;
  // Before it is painted, so that no look away is missed.
  useLayoutEffect(() => {
    const hide = () => close.current();
    const until = Date.now() + SHOWN * 1000;
    const tick = setInterval(() => {
      left.value = Math.ceil((until - Date.now()) / 1000);
      // More than all of it is left when the clock was set back.
      if (left.value <= 0 || left.value > SHOWN) hide();
    }, 1000);
    addEventListener('blur', hide);
    document.addEventListener('visibilitychange', hide);
    if (!isLookedAt()) hide();
    return () => {
      clearInterval(tick);
      removeEventListener('blur', hide);
      document.removeEventListener('visibilitychange', hide);
    };
  }, [left]);

  const row = (name: string, label: ComponentChildren, secret = '') => (
    <div key={name} class="row secret">
      <span class="quiet small">{label}</span>
      <code>{secret}</code>
      <button type="button" onClick={() => run(() => copySecret(secret))}>
        Copy
      </button>
    </div>
  );
  const passwords = about.accounts ? Object.entries(keptIn(secrets)) : [];
  return (
    <div class="stack tight">
      {about.keyFields
        .filter(({ name }) => secrets[name])
        .map(({ name, label }) => row(name, label, secrets[name]))}
      {passwords.map(([email, { password }]) =>
        row(
          email,
          <>
            Password of <bdi>{email}</bdi>
          </>,
          password,
        ),
      )}
      <div class="row">
        <button type="button" onClick={onClose}>
          Hide
        </button>
        <span class="quiet small" aria-hidden="true">
          Hidden in {left} s, or as soon as you look elsewhere.
        </span>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
