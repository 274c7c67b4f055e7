import { Faces } from '../ui/faces';
import { LockButton } from '../ui/lock-button';
import { face } from '../ui/state';
import { CreateVault } from './create-vault';
import { Keys } from './keys';

export function Options() {
  const state = face.value;
  const unlocked = state.type === 'snapshot' && state.vault === 'unlocked';
  return (
    <>
      <header class="top">
        <div class="row spread column">
          <h1>Runkey</h1>
          {unlocked && <LockButton />}
        </div>
      </header>
      <main class="column">
        {unlocked ? (
          <Keys keys={state.keys} />
        ) : (
          <div class="card door">
            <Faces face={state} missing={() => <CreateVault />} unlocked={() => null} />
          </div>
        )}
      </main>
    </>
  );
}
