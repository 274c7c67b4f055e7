import type { ComponentChildren } from 'preact';
import { Alert } from './alert';
import { type Face, watchAnew } from './state';
import { Unlock } from './unlock';

interface Props {
  readonly face: Face;
  /** The first visit. */
  readonly missing: () => ComponentChildren;
  readonly unlocked: (snapshot: Extract<Face, { type: 'snapshot' }>) => ComponentChildren;
}

/** What every page shows before there is anything of its own to show. */
export function Faces({ face, missing, unlocked }: Props) {
  switch (face.type) {
    case 'waiting':
      return <div class="waiting" aria-busy="true" />;
    case 'silent':
      return <Silent />;
    case 'failed':
      return <Alert failure={face.failure} />;
    case 'snapshot':
      switch (face.vault) {
        case 'missing':
          return missing();
        case 'locked':
          return <Unlock />;
        case 'damaged':
          return <Damaged />;
        case 'unlocked':
          return unlocked(face);
      }
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

function Damaged() {
  return (
    <Alert
      failure={{
        code: 'vault-damaged',
        message: 'The stored vault is damaged: its bytes are not those that Runkey wrote.',
        next: 'Your passphrase is not at fault, and nothing was deleted.',
      }}
    />
  );
}
