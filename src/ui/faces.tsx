import type { ComponentChildren } from 'preact';
import { Alert } from './alert';
import { type Face, watchAnew } from './state';

type Snapshot = Extract<Face, { type: 'snapshot' }>;

interface Props {
  readonly face: Face;
  /** What the page shows for each state of the vault. */
  readonly vault: { readonly [S in Snapshot['vault']]: (snapshot: Snapshot) => ComponentChildren };
}

/** What every page shows before there is anything of its own to show. */
export function Faces({ face, vault }: Props) {
  switch (face.type) {
    case 'waiting':
      return <div class="waiting" aria-busy="true" />;
    case 'silent':
      return <Silent />;
    case 'failed':
      return <Alert failure={face.failure} />;
    case 'snapshot':
      return vault[face.vault](face);
  }
}

function Silent() {
  return (
    <div class="stack">
      <Alert
        failure={{
          code: 'no-answer',
          message: 'Runkey’s background does not answer.',
          next: 'If it stays silent, turn Runkey off and on in the browser’s list of extensions. Nothing is lost.',
        }}
      />
      <button type="button" onClick={watchAnew}>
        Try again
      </button>
    </div>
  );
}

export function Damaged({ next }: { next: string }) {
  return (
    <Alert
      failure={{
        code: 'vault-damaged',
        message: 'The stored vault is damaged: its bytes are not those that Runkey wrote.',
        next: `Your passphrase is not at fault, and nothing was deleted. ${next}`,
      }}
    />
  );
}

export function Lost({ next }: { next: string }) {
  return (
    <Alert
      failure={{
        code: 'vault-missing',
        message: 'The vault is missing: this browser has deleted the storage that held it.',
        next: `Clearing a browser’s data can do that. ${next}`,
      }}
    />
  );
}
