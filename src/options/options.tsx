import { Faces } from '../ui/faces';
import { LockButton } from '../ui/lock-button';
import { face } from '../ui/state';
import { Copied } from './copied';
import { DamagedVault, FirstVisit, Locked, LostVault } from './door';
import { Keys } from './keys/keys';
import { section, sections } from './section';
import { Security } from './security/security';

export function Options() {
  const state = face.value;
  const unlocked = state.type === 'snapshot' && state.vault === 'unlocked';
  return (
    <>
      <header class="top">
        <div class="row spread column">
          <div class="row wide">
            <h1>Runkey</h1>
            {unlocked && <Sections />}
          </div>
          {unlocked && <LockButton />}
        </div>
      </header>
      <main class="column">
        <div class={unlocked ? '' : 'card door'}>
          <Faces
            face={state}
            vault={{
              missing: () => <FirstVisit />,
              lost: () => <LostVault />,
              damaged: () => <DamagedVault />,
              locked: ({ passkeys }) => <Locked passkeys={passkeys} />,
              unlocked: ({ keys, used, passkeys }) =>
                section.value === 'security' ? (
                  <Security passkeys={passkeys} />
                ) : (
                  <Keys keys={keys} used={used} passkeys={passkeys} />
                ),
            }}
          />
        </div>
      </main>
      <Copied />
    </>
  );
}

function Sections() {
  return (
    <nav class="row" aria-label="Sections">
      {sections.map(({ name, label }) => (
        <a key={name} href={`#${name}`} aria-current={section.value === name ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}
