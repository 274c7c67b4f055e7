import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { About } from '../../services/about';
import { Alert } from '../../ui/alert';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import type { Passkey } from '../../vault/proof';
import { Confirm } from '../confirm';
import { copySecret } from '../copied';

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
          title={`Reveal “${label}”`}
          action="Show it"
          passkeys={passkeys}
          onProof={async proof => {
            secrets.value = await act('keys.reveal', { id, proof });
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
  useEffect(() => {
    const tick = setInterval(() => {
      left.value -= 1;
      if (left.value <= 0) onClose();
    }, 1000);
    addEventListener('blur', onClose);
    document.addEventListener('visibilitychange', onClose);
    return () => {
      clearInterval(tick);
      removeEventListener('blur', onClose);
      document.removeEventListener('visibilitychange', onClose);
    };
  }, [left, onClose]);

  return (
    <div class="stack tight">
      {about.keyFields
        .filter(({ name }) => secrets[name])
        .map(({ name, label }) => (
          <div key={name} class="row secret">
            <span class="quiet small">{label}</span>
            <code>{secrets[name]}</code>
            <button type="button" onClick={() => run(() => copySecret(secrets[name] ?? ''))}>
              Copy
            </button>
          </div>
        ))}
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
