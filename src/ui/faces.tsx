import type { ComponentChildren } from 'preact';
import type { FailureReport } from '../failure';
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
      return <Unanswered failure={silence} />;
    case 'failed':
      return <Unanswered failure={face.failure} />;
    case 'snapshot':
      return vault[face.vault](face);
  }
}

const silence: FailureReport = {
  code: 'no-answer',
  message: 'Runkey’s background does not answer.',
  next: 'If it stays silent, turn Runkey off and on in the browser’s list of extensions. Nothing is lost.',
};

/** There is nothing to show yet, and asking again may change that. */
function Unanswered({ failure }: { failure: FailureReport }) {
  return (
    <div class="stack">
      <Alert failure={failure} />
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
