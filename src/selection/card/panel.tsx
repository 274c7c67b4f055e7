import { CloseButton, Face, statusOf } from './face';
import type { Acts, View } from './view';

interface Props {
  readonly view: View;
  readonly acts: Acts;
}

export function Panel({ view, acts }: Props) {
  const { card, complaint, orphaned } = view;
  const status = orphaned ? '' : statusOf(card.face);
  return (
    <>
      <header>
        <h2 id="title" dir="auto">
          {card.title}
        </h2>
        {card.words !== '' && (
          <p class="quiet" dir="auto">
            “{card.words}”
          </p>
        )}
      </header>
      <p class="quiet status" role="status">
        {status}
      </p>
      {orphaned ? <Orphaned acts={acts} /> : <Face view={view} acts={acts} />}
      {complaint && (
        <div class="complaint" role="alert">
          <p>{complaint.message}</p>
          {complaint.next && <p>{complaint.next}</p>}
        </div>
      )}
      {card.offer && !orphaned && (
        <div class="row offer">
          <span class="quiet">Show Runkey beside text you select on this site?</span>
          <button type="button" onClick={acts.offer}>
            Show it
          </button>
        </div>
      )}
    </>
  );
}

function Orphaned({ acts }: { acts: Acts }) {
  return (
    <>
      <p>
        Runkey was updated or turned off. Reload this page to go on; a call that was under way goes on by
        itself.
      </p>
      <div class="row">
        <CloseButton acts={acts} />
      </div>
    </>
  );
}
