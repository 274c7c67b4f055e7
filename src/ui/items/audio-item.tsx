import { useSignal } from '@preact/signals';
import type { Item } from '../../calls/call';
import { useMedia } from './media';
import { Medium } from './medium';
import { SaveButton } from './save-button';

interface Props {
  readonly call: string;
  readonly item: Extract<Item, { kind: 'audio' }>;
  readonly which: string | undefined;
}

export function AudioItem({ call, item, which }: Props) {
  const media = useMedia(call, item);
  const broken = useSignal(false);
  return (
    <Medium
      media={media}
      note={item.note}
      actions={<SaveButton file={media.file} type={item.type} which={which} />}
    >
      <div class="frame sound">
        {broken.value ? (
          <p class="quiet">The browser cannot play this sound. It can be saved all the same.</p>
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: a service's answer comes without captions.
          <audio
            controls
            aria-label="Sound"
            src={media.file?.url}
            onError={() => (broken.value = media.file !== undefined)}
          />
        )}
      </div>
    </Medium>
  );
}
