import type { ComponentChildren } from 'preact';
import { Alert } from '../alert';
import type { Media } from './media';

interface Props {
  readonly media: Media;
  /** What the service says about it. */
  readonly note: string | undefined;
  /** What can be done with it. */
  readonly actions: ComponentChildren;
  readonly children: ComponentChildren;
}

/** What every picture, sound and film has around it. */
export function Medium({ media, note, actions, children }: Props) {
  if (media.failure) return <Alert failure={media.failure} />;
  return (
    <figure class="stack tight">
      {children}
      {note && <figcaption class="quiet small">{note}</figcaption>}
      <div class="row">{actions}</div>
    </figure>
  );
}
