import { useEffect } from 'preact/hooks';
import { Damaged, Faces, Lost } from '../ui/faces';
import { LockButton } from '../ui/lock-button';
import { type Face, face } from '../ui/state';
import { Unlock } from '../ui/unlock';
import { takeBrought } from './brought';
import { OfferNotice } from './offer-notice';
import { openOptions } from './options-page';
import { ofThisWindow, waitingHere } from './private-window';
import { Recent } from './recent';
import { Result } from './result';
import { RunForm } from './run-form';
import { othersOf, shownOf } from './shown';
import { useGoingOn, WaitsLocked, WaitsOpen } from './waiting';

type Snapshot = Extract<Face, { type: 'snapshot' }>;

export function Popup() {
  const state = face.value;
  return (
    <main class="popup stack">
      <Bar unlocked={state.type === 'snapshot' && state.vault === 'unlocked'} />
      <Faces
        face={state}
        vault={{
          missing: () => (
            <Empty title="Welcome" button="Create your vault" onClick={openOptions}>
              A vault keeps your AI-service keys encrypted in this browser. It takes a minute.
            </Empty>
          ),
          lost: () => <Lost next="The options page restores a backup, or begins anew." />,
          damaged: () => <Damaged next="The options page restores a backup." />,
          locked: snapshot => <Locked {...snapshot} />,
          unlocked: snapshot =>
            snapshot.keys.length > 0 ? (
              <Ready {...snapshot} />
            ) : (
              <Empty title="No keys yet" button="Add a key" onClick={openOptions}>
                Put in a key of a service, and its tasks appear here.
              </Empty>
            ),
        }}
      />
    </main>
  );
}

function Locked({ passkeys, waiting }: Snapshot) {
  const going = useGoingOn(waitingHere(waiting));
  return (
    <Unlock
      // The browser's own dialog would close a popup: it is for the page in a tab.
      withPasskey={passkeys.length > 0 ? async () => openOptions() : undefined}
      goOn={going.map(({ card }) => card)}
      above={<WaitsLocked waiting={going} />}
    />
  );
}

/** Unlocked, with keys: only here does what a page brought have a place. */
function Ready({ keys, calls: all, spent, waiting }: Snapshot) {
  useEffect(() => void takeBrought(), []);
  const calls = ofThisWindow(all);
  const shown = shownOf(calls);
  return (
    <>
      <OfferNotice />
      <WaitsOpen waiting={waitingHere(waiting)} />
      <RunForm keys={keys} spent={spent} shown={shown} latest={calls[0]} />
      <Result call={shown} />
      <Recent calls={othersOf(calls, shown)} />
    </>
  );
}

function Bar({ unlocked }: { unlocked: boolean }) {
  return (
    <header class="row spread">
      <h1>Runkey</h1>
      <span class="row">
        <button type="button" class="plain" onClick={openOptions}>
          Options
        </button>
        {unlocked && <LockButton plain />}
      </span>
    </header>
  );
}

function Empty(props: { title: string; button: string; onClick: () => void; children: string }) {
  return (
    <section class="empty stack">
      <h2>{props.title}</h2>
      <p class="quiet">{props.children}</p>
      <button type="button" class="primary" onClick={props.onClick}>
        {props.button}
      </button>
    </section>
  );
}
