import type { Item, MediaItem } from '../../calls/call';
import type { CardAnswer } from '../../messages/card';
import { canSave } from './save';
import type { Acts, TextItem, View } from './view';

interface Props {
  readonly answer: CardAnswer;
  readonly view: View;
  readonly acts: Acts;
  /** Whether more of it is still to come. */
  readonly growing?: boolean;
}

const OTHERS = {
  image: 'A picture that can be seen in Runkey.',
  audio: 'A sound. It can be played in Runkey.',
  video: 'A film. It can be played in Runkey.',
  link: 'A link to the result. It can be opened in Runkey.',
  list: 'A list. It can be read in Runkey.',
} as const;

const CUT = {
  length: 'It ends here because the longest answer is reached.',
  filter: 'The service’s filter ended it here.',
} as const;

/** What has come of an answer. Whatever it holds, it is shown as text. */
export function Answer({ answer: { items, partial }, view, acts, growing = false }: Props) {
  return (
    <>
      {items.map(item => (
        <AnswerItem key={item.id} item={item} view={view} acts={acts} settled={!growing} />
      ))}
      {partial && (
        <div class="item">
          <Text text={partial} growing={growing} />
          {!growing && (
            <div class="row">
              <CopyButton item="partial" from={partial} view={view} acts={acts} />
            </div>
          )}
        </div>
      )}
    </>
  );
}

interface ItemProps {
  readonly item: Item;
  readonly view: View;
  readonly acts: Acts;
  readonly settled: boolean;
}

function AnswerItem({ item, view, acts, settled }: ItemProps) {
  if (item.kind === 'text')
    return (
      <div class="item">
        <Text text={item.text} />
        {item.cut && <p class="quiet">{CUT[item.cut]}</p>}
        {settled && (
          <div class="row">
            <CopyButton item={item.id} from={item.text} view={view} acts={acts} />
            {view.card.insert && (
              <button type="button" onClick={acts.insert(item.id)}>
                Insert
              </button>
            )}
            <SaveButton item={item} acts={acts} />
          </div>
        )}
      </div>
    );
  if (item.kind === 'link' || item.kind === 'list') return <p>{OTHERS[item.kind]}</p>;
  const picture = view.pictures.get(item.id);
  if (item.kind !== 'image' || picture === null)
    return (
      <div class="item">
        <p>{OTHERS[item.kind]}</p>
        <div class="row">
          <SaveButton item={item} acts={acts} />
        </div>
      </div>
    );
  let canvas: HTMLCanvasElement | null = null;
  return (
    <div class="item">
      <canvas
        role="img"
        aria-label={picture ? 'Picture' : 'The picture is coming'}
        ref={element => {
          canvas = element;
          if (element && picture) draw(element, picture);
        }}
      />
      {picture && (
        <div class="row">
          <button type="button" onClick={event => acts.copy(item.id, canvas)(event)}>
            {view.copied === item.id ? 'Copied' : 'Copy'}
          </button>
          <SaveButton item={item} acts={acts} />
        </div>
      )}
    </div>
  );
}

function SaveButton({ item, acts }: { item: MediaItem | TextItem; acts: Acts }) {
  if (!canSave()) return null;
  return (
    <button type="button" onClick={acts.save(item)}>
      Save
    </button>
  );
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap): void {
  if (canvas.width === picture.width && canvas.height === picture.height) return;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
}

function CopyButton({ item, from, view, acts }: Omit<Props, 'answer'> & { item: string; from: string }) {
  return (
    <button type="button" onClick={acts.copy(item, from)}>
      {view.copied === item ? 'Copied' : 'Copy'}
    </button>
  );
}

/** A long text is scrolled, with the keyboard too. One that grows is followed, unless the person looks further up. */
export function Text({
  text,
  growing = false,
  name = 'Answer',
}: {
  text: string;
  growing?: boolean;
  name?: string;
}) {
  const follow = (element: HTMLElement | null): void => {
    if (!element || !growing || element.dataset.held) return;
    element.scrollTop = element.scrollHeight;
  };
  return (
    <section
      class="text"
      aria-label={name}
      dir="auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
      tabIndex={0}
      ref={follow}
      onScroll={({ currentTarget: it }) => {
        const atEnd = it.scrollHeight - it.scrollTop - it.clientHeight < 24;
        if (atEnd) delete it.dataset.held;
        else it.dataset.held = 'yes';
      }}
    >
      {text}
    </section>
  );
}
