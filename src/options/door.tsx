import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Damaged, Lost } from '../ui/faces';
import { passkeyProof, passkeysWork } from '../ui/passkey';
import { act } from '../ui/state';
import { Unlock } from '../ui/unlock';
import type { Passkey } from '../vault/proof';
import { CreateVault } from './create-vault';
import { Erase } from './erase';
import { Restore } from './restore';

/** One thing, and beside it one other that takes its place when asked for. */
function Either(props: {
  first: (other: () => void) => ComponentChildren;
  other: (back: () => void) => ComponentChildren;
}) {
  const turned = useSignal(false);
  return (
    <>{turned.value ? props.other(() => (turned.value = false)) : props.first(() => (turned.value = true))}</>
  );
}

export const FirstVisit = () => (
  <Either
    first={restore => <CreateVault onRestore={restore} />}
    other={back => <Restore begin onCancel={back} />}
  />
);

export const LostVault = () => (
  <div class="stack">
    <Lost next="Restore a backup if you have one; without one, the keys have to be put in again." />
    <FirstVisit />
  </div>
);

export const DamagedVault = () => (
  <Either
    first={erase => (
      <div class="stack">
        <Damaged next="A backup brings your keys back and takes the damaged vault’s place." />
        <Restore begin />
        <button type="button" class="plain" onClick={erase}>
          No backup?
        </button>
      </div>
    )}
    other={back => <Erase why="Without a backup, a damaged vault cannot be repaired." onCancel={back} />}
  />
);

export function Locked({ passkeys }: { passkeys: readonly Passkey[] }) {
  const withPasskey = async () => act('vault.unlock', { proof: await passkeyProof(passkeys) });
  return (
    <Either
      first={forgotten => (
        <Unlock
          withPasskey={passkeysWork && passkeys.length > 0 ? withPasskey : undefined}
          damaged={
            <button type="button" class="danger" onClick={forgotten}>
              Erase it, then restore a backup
            </button>
          }
        >
          <button type="button" class="plain" onClick={forgotten}>
            Forgot the passphrase?
          </button>
        </Unlock>
      )}
      other={back => (
        <Erase
          why="Nobody can recover a passphrase, and without it or a passkey the vault cannot be opened. If you remember it one day, the vault is still here; if not, you can only start again, with a backup or with new keys."
          onCancel={back}
        />
      )}
    />
  );
}
