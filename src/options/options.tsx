import { Faces } from '../ui/faces';
import { later } from '../ui/later';
import { LockButton } from '../ui/lock-button';
import { type Face, face } from '../ui/state';
import { useBrought } from './brought';
import { Copied } from './copied';
import { DamagedVault, FirstVisit, Locked, LostVault } from './door';
import { History } from './history/history';
import { Keys } from './keys/keys';
import { Leaving } from './leaving';
import { section, sections } from './section';
import { Security } from './security/security';
import { Selection } from './selection/selection';

const Prompts = later(async () => (await import('./prompts/prompts')).Prompts);

type Unlocked = Extract<Face, { type: 'snapshot' }>;

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
              unlocked: snapshot => (
                <>
                  <Section {...snapshot} />
                  <Leaving />
                </>
              ),
            }}
          />
        </div>
      </main>
      <Copied />
    </>
  );
}

function Section({ keys, used, spent, passkeys }: Unlocked) {
  useBrought();
  switch (section.value) {
    case 'keys':
      return <Keys keys={keys} used={used} spent={spent} passkeys={passkeys} />;
    case 'prompts':
      return <Prompts keys={keys} />;
    case 'selection':
      return <Selection />;
    case 'security':
      return <Security passkeys={passkeys} />;
    case 'history':
      return <History keys={keys} />;
  }
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
