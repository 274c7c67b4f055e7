import { price } from '../../calls/dollars';
import type { CardFace } from '../../messages/card';
import { Answer, Text } from './answer';
import type { Acts, View } from './view';

interface Props<Type extends CardFace['type']> {
  readonly face: Extract<CardFace, { type: Type }>;
  readonly view: View;
  readonly acts: Acts;
}

/** What a card shows between its title and its `Close`. */
export function Face({ view, acts }: { view: View; acts: Acts }) {
  const { face } = view.card;
  switch (face.type) {
    case 'ready':
      return <Ready face={face} view={view} acts={acts} />;
    case 'locked':
      return (
        <>
          <p>The vault is locked. Unlock it in Runkey’s popup.</p>
          <div class="row">
            <OpenButton acts={acts} name="Open Runkey" first />
            <CloseButton acts={acts} />
          </div>
        </>
      );
    case 'secret':
      return (
        <>
          <p>This looks like {face.what}. It was not sent.</p>
          <div class="row">
            <button type="button" class="primary" data-first onClick={acts.keep}>
              Keep it in the vault
            </button>
            <CloseButton acts={acts} />
          </div>
        </>
      );
    case 'open':
      return (
        <>
          {face.progress !== undefined && (
            <progress max={100} value={face.progress} aria-label={face.doing} />
          )}
          <Answer answer={face} view={view} acts={acts} growing />
          <div class="row">
            <button type="button" onClick={acts.cancel}>
              Cancel
            </button>
            <CloseButton acts={acts} />
          </div>
        </>
      );
    case 'done':
      return (
        <>
          <Answer answer={face} view={view} acts={acts} />
          <div class="row">
            <OpenButton acts={acts} />
            <CloseButton acts={acts} />
          </div>
        </>
      );
    case 'ended':
      return (
        <>
          <Answer answer={face} view={view} acts={acts} />
          <div class={face.how === 'cancelled' ? 'notice' : 'complaint'} role="alert">
            <p>{face.message}</p>
            {face.next && <p>{face.next}</p>}
            {face.said && <code dir="auto">{face.said}</code>}
          </div>
          <div class="row">
            <OpenButton acts={acts} />
            <CloseButton acts={acts} />
          </div>
        </>
      );
  }
}

function Ready({ face, acts }: Props<'ready'>) {
  const { prompt, key, service, host, picture, elsewhere } = face;
  return (
    <>
      {prompt !== '' && <Text text={prompt} name="Prompt" />}
      {picture && (
        <p>
          {service} fetches the picture from {picture} itself.
        </p>
      )}
      <dl>
        <dt>Key</dt>
        <dd>
          {key} · {service}
        </dd>
        <dt>Goes to</dt>
        <dd>{host}</dd>
        {face.price !== undefined && (
          <>
            <dt>Price</dt>
            <dd>{face.price === 0 ? 'free' : `about ${price(face.price)}`}</dd>
          </>
        )}
      </dl>
      {elsewhere && (
        <p>
          Press Run in Runkey’s own window too: this browser cannot tell Runkey whether a page covers this
          card.
        </p>
      )}
      <div class="row">
        <button type="button" class="primary" data-first onClick={acts.run}>
          Run
        </button>
        <CloseButton acts={acts} />
      </div>
    </>
  );
}

function OpenButton({
  acts,
  name = 'Open in Runkey',
  first = false,
}: {
  acts: Acts;
  name?: string;
  first?: boolean;
}) {
  return (
    <button type="button" class={first ? 'primary' : ''} data-first={first || undefined} onClick={acts.open}>
      {name}
    </button>
  );
}

export function CloseButton({ acts }: { acts: Acts }) {
  return (
    <button type="button" onClick={acts.close}>
      Close
    </button>
  );
}

/** What is said of a face in a line, aloud too when it changes. */
export function statusOf(face: CardFace): string {
  switch (face.type) {
    case 'open':
      return face.note ?? `${face.doing}…`;
    case 'done':
      return face.facts === '' ? 'Done.' : `Done. ${face.facts}`;
    default:
      return '';
  }
}
