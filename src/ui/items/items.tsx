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
  const drawn = items.map(item =>
    item.kind === 'text' ? (
      // By its place among the texts, so that the one that grew is the one that is done.
      <TextItem key={`text ${texts++}`} text={item.text} cut={item.cut} />
    ) : (
      <OtherItem key={item.id} call={id} item={item} alt={altOf(request)} />
    ),
  );
  if (growing) {
    drawn.push(<TextItem key="text 0" text={partial} cut={isOpen(state) ? 'growing' : 'broken-off'} />);
  }
  return <>{drawn}</>;
}

interface Props {
  readonly call: string;
  readonly item: Exclude<Item, { kind: 'text' }>;
  readonly alt: string;
}

function OtherItem({ call, item, alt }: Props) {
  switch (item.kind) {
    case 'image':
      return <ImageItem call={call} item={item} alt={alt} />;
    case 'audio':
      return <AudioItem call={call} item={item} />;
    case 'video':
      return <VideoItem call={call} item={item} />;
    case 'link':
      return <LinkItem item={item} />;
    case 'list':
      return <ListItem item={item} />;
  }
}

/** What was asked for is the best that is known of what a picture shows. */
const altOf = ({ service, operation, values }: Call['request']): string =>
  values.prompt ||
  abouts.find(({ name }) => name === service)?.operations.find(({ name }) => name === operation)?.label ||
  '';
