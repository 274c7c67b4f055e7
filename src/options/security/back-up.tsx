import type { ComponentChildren } from 'preact';
import { fromBase64 } from '../../bytes';
import { Listed } from '../../ui/quoted';
import { saveBlob } from '../../ui/save';
import { act } from '../../ui/state';
import { Confirm } from '../confirm';

interface Props {
  readonly onDone: (message: ComponentChildren) => void;
  readonly onCancel: () => void;
}

/** Saves every key in one file. A passkey will not do here: the file is locked with the passphrase itself. */
export function BackUp({ onDone, onCancel }: Props) {
  return (
    <Confirm
      title="Back up"
      action="Save the file"
      passkeys={[]}
      onProof={async proof => {
        if (proof.by !== 'passphrase') return;
        const { file, keys, damaged } = await act('vault.backUp', { passphrase: proof.passphrase });
        saveBlob(new Blob([fromBase64(file)], { type: 'application/octet-stream' }), 'age');
        const saved = keys === 1 ? 'One key was' : `${keys} keys were`;
        onDone(
          <>
            {saved} saved to your downloads.
            {damaged.length > 0 && (
              <>
                {' '}
                Damaged, and not in it: <Listed texts={damaged} />.
              </>
            )}
          </>,
        );
      }}
      onCancel={onCancel}
    >
      <p class="quiet">
        The file opens with this passphrase only. Keep it where you keep other things that matter.
      </p>
    </Confirm>
  );
}
