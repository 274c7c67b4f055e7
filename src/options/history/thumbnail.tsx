import { useRef } from 'preact/hooks';
import { useMedia } from '../../ui/items/media';
import { useNear } from './near';

interface Props {
  readonly call: string;
  readonly item: { readonly media: number; readonly type: string };
}

/** A picture that is fetched when its card comes near, and let go of when the card is far again. */
export function Thumbnail({ call, item }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const near = useNear(frame, '100% 0px');
  return (
    <div class="glimpse seen" ref={frame}>
      {near.value && <Fetched call={call} item={item} />}
    </div>
  );
}

function Fetched({ call, item }: Props) {
  const { file, failure } = useMedia(call, item);
  if (failure) return <p class="small">{failure.message}</p>;
  // Its card says what it is of.
  return file ? <img src={file.url} alt="" decoding="async" /> : null;
}
