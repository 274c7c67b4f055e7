import { type Call, type Item, isOpen } from '../../calls/call';
import { abouts } from '../../services/abouts';
import { AudioItem } from './audio-item';
import { ImageItem } from './image-item';
import { LinkItem } from './link-item';
import { ListItem } from './list-item';
import { TextItem } from './text-item';
import { VideoItem } from './video-item';

/** Everything that a call was answered with so far, in order. All of it is the service's word, and untrusted. */
export function Items({ call }: { call: Call }) {
  const { id, state, request } = call;
  if (state.phase === 'queued') return null;
  const { items, partial } = state;
  const growing = partial !== undefined && !items.some(({ kind }) => kind === 'text');
  let texts = 0;
  const many = items.length + (growing ? 1 : 0);
  const which = (place: number) => (many > 1 ? `Result ${place} of ${many}` : undefined);
  const drawn = items.map((item, at) =>
    item.kind === 'text' ? (
      // By its place among the texts, so that the one that grew is the one that is done.
      <TextItem key={`text ${texts++}`} text={item.text} cut={item.cut} which={which(at + 1)} />
    ) : (
      <OtherItem key={item.id} call={id} item={item} alt={altOf(request)} which={which(at + 1)} />
    ),
  );
  if (growing) {
    drawn.push(
      <TextItem
        key="text 0"
        text={partial}
        cut={isOpen(state) ? 'growing' : 'broken-off'}
        which={which(many)}
      />,
    );
  }
  return <>{drawn}</>;
}

interface Props {
  readonly call: string;
  readonly item: Exclude<Item, { kind: 'text' }>;
  readonly alt: string;
  /** Which of several results it is. */
  readonly which: string | undefined;
}

function OtherItem({ call, item, alt, which }: Props) {
  switch (item.kind) {
    case 'image':
      return <ImageItem call={call} item={item} alt={alt} which={which} />;
    case 'audio':
      return <AudioItem call={call} item={item} which={which} />;
    case 'video':
      return <VideoItem call={call} item={item} which={which} />;
    case 'link':
      return <LinkItem item={item} which={which} />;
    case 'list':
      return <ListItem item={item} />;
  }
}

/** What was asked for is the best that is known of what a picture shows. */
const altOf = ({ service, operation, values }: Call['request']): string =>
  values.prompt ||
  abouts.find(({ name }) => name === service)?.operations.find(({ name }) => name === operation)?.label ||
  '';
