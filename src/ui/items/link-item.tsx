import type { Item } from '../../calls/call';
import { MEDIA } from '../../calls/words';
import { CopyButton } from '../copy-button';

interface Props {
  readonly item: Extract<Item, { kind: 'link' }>;
  readonly which: string | undefined;
}

/** A result that lies elsewhere. Only the person goes there, and only over https. */
export function LinkItem({ item: { url, of }, which }: Props) {
  const address = URL.parse(url);
  if (address?.protocol !== 'https:') {
    return (
      <div class="stack tight">
        <p>The service answered with an address that Runkey does not open:</p>
        <code class="answer">{url}</code>
      </div>
    );
  }
  return (
    <div class="stack tight">
      <p>
        The {MEDIA[of]} lies at <strong>{address.host}</strong>, and Runkey did not fetch it. Such an address
        expires: open it and save it soon.
      </p>
      <div class="row">
        <a
          class="button"
          aria-description={which}
          href={address.href}
          target="_blank"
          rel="noreferrer noopener"
        >
          Open
        </a>
        <CopyButton copy={() => navigator.clipboard.writeText(address.href)} which={which} />
      </div>
    </div>
  );
}
