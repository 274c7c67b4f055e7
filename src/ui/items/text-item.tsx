import { useLayoutEffect, useRef } from 'preact/hooks';
import { CopyButton } from '../copy-button';
import { saveBlob } from '../save';

interface Props {
  readonly text: string;
  /** Why it ends where it does, if not because it was done. */
  readonly cut?: keyof typeof ENDS | 'growing' | undefined;
  readonly which: string | undefined;
}

const ENDS = {
  length: 'It ends here because the longest answer is reached: raise “Longest answer” to get more.',
  filter: 'The service’s filter ended it here.',
  'broken-off': 'It broke off here.',
} as const;

export function TextItem({ text, cut, which }: Props) {
  const answer = useRef<HTMLDivElement>(null);
  const growing = cut === 'growing';
  const followed = useRef(true);
  useLayoutEffect(() => {
    if (growing && followed.current && answer.current) answer.current.scrollTop = answer.current.scrollHeight;
  }, [growing, text]);

  return (
    <div class="stack tight">
      <div
        ref={answer}
        dir="auto"
        class={growing ? 'answer growing' : 'answer'}
        // Its end is followed as it grows, unless the person has scrolled away from it.
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          followed.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {text}
      </div>
      {cut && cut !== 'growing' && <p class="quiet small">{ENDS[cut]}</p>}
      <div class="row">
        <CopyButton copy={() => navigator.clipboard.writeText(text)} which={which} />
        <button
          type="button"
          aria-description={which}
          onClick={() => saveBlob(new Blob([text], { type: 'text/plain' }), 'txt')}
        >
          Save
        </button>
      </div>
    </div>
  );
}
