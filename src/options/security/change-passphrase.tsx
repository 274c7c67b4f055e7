import { act } from '../../ui/state';
import type { Passkey } from '../../vault/proof';
import { Confirm } from '../confirm';
import { useNewPassphrase } from '../new-passphrase';

const LABELS = { passphrase: 'New passphrase', repeat: 'Repeat new passphrase' };

const WORDS = {
  passphrase: {
    title: 'Change passphrase',
    action: 'Change it',
    ask: 'vault.changePassphrase',
    done: 'The passphrase was changed. Backups made before still open with the old one.',
    why: 'Nothing but the lock changes. Backups made before still open with the old passphrase.',
  },
  'vault-key': {
    title: 'Replace vault key',
    action: 'Replace it',
    ask: 'vault.replaceKey',
    done: 'The vault key was replaced, and everything encrypted anew. Old copies still open the old way.',
    why: 'Everything in the vault is encrypted anew, and passkeys must be added again. Old copies of the vault, on a disk or in a backup, still open the old way: if they may be in wrong hands, replace the keys in them too.',
  },
} as const;

interface Props {
  readonly kind: keyof typeof WORDS;
  readonly passkeys: readonly Passkey[];
  readonly onDone: (message: string) => void;
  readonly onCancel: () => void;
}

/** A new passphrase, for the same vault key or for a new one. */
export function ChangePassphrase({ kind, passkeys, onDone, onCancel }: Props) {
  const { title, action, ask, done, why } = WORDS[kind];
  const { fields, read } = useNewPassphrase(LABELS);
  return (
    <Confirm
      title={title}
      action={action}
      passkeys={passkeys}
      ready={present => read(present) !== undefined}
      onProof={async proof => {
        const passphrase = read(proof.by === 'passphrase' ? proof.passphrase : undefined);
        if (passphrase === undefined) return;
        await act(ask, { proof, passphrase });
        onDone(done);
      }}
      onCancel={onCancel}
      after={fields}
    >
      <p class="quiet">{why}</p>
    </Confirm>
  );
}
