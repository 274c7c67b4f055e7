import { type Call, type Item, isOpen } from '../../calls/call';
import { underWay } from '../../calls/words';
import { Sign } from './sign';
import { Thumbnail } from './thumbnail';
import { namesOf, sentenceOf } from './words';

/** What a card shows of a call: its first picture, the first lines of its text, or a sign of what there is. */
export function Glimpse({ call }: { call: Call }) {
  const { id, state } = call;
  const items = state.phase === 'queued' ? [] : state.items;
  const [first] = items;
  const picture = items.find(item => item.kind === 'image');

  if (picture) return <Thumbnail call={id} item={picture} />;
  if (first?.kind === 'text') return <Lines text={first.text} />;
  if (first && first.kind !== 'image') return <Named item={first} count={items.length} />;
  if (state.phase !== 'queued' && state.partial) return <Lines text={state.partial} />;
  if (isOpen(state)) {
    return (
      <div class="glimpse">
        <p class="row busy">{underWay(call)}</p>
        {state.phase === 'sent' && state.progress !== undefined && (
          <progress max={100} value={state.progress} aria-label="Progress" />
        )}
      </div>
    );
  }
  return (
    <div class="glimpse">
      {state.phase === 'done' && <Sign of="done" />}
      <p class="small">{sentenceOf(call)}</p>
    </div>
  );
}

const Lines = ({ text }: { text: string }) => (
  <div class="glimpse text small" dir="auto">
    <p>{text.slice(0, 300)}</p>
  </div>
);

const Named = ({ item, count }: { item: Exclude<Item, { kind: 'text' | 'image' }>; count: number }) => (
  <div class="glimpse">
    <Sign of={item.kind} />
    <p class="small">{namesOf(item, count)}</p>
  </div>
);
