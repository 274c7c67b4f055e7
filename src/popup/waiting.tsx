import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { price } from '../calls/dollars';
import type { Waiting } from '../messages/contract';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { usePending } from '../ui/pending';
import { act, callShown } from '../ui/state';
import { show } from './shown';

/** What still goes on by itself if the vault is unlocked now; draws anew when the time of one is over. */
export function useGoingOn(waiting: readonly Waiting[]): readonly Waiting[] {
  const drawn = useSignal(0);
  const now = Math.max(drawn.value, Date.now());
  const going = waiting.filter(({ until = 0 }) => now < until);
  const next = Math.min(...going.map(({ until = 0 }) => until));
  useEffect(() => {
    if (!Number.isFinite(next)) return;
    const over = () => {
      drawn.value = next;
    };
    const timer = setTimeout(over, next - Date.now());
    return () => clearTimeout(timer);
  }, [drawn, next]);
  return going;
}

/** Above the passphrase: what goes on by itself once the vault is open. */
export function WaitsLocked({ waiting }: { waiting: readonly Waiting[] }) {
  const id = useId();
  if (waiting.length === 0) return null;
  return (
    <section class="notice stack tight" aria-labelledby={id}>
      <p id={id}>Unlocked within two minutes, this goes on by itself:</p>
      <ul class="stack tight">
        {waiting.map(one => (
          <li key={one.card}>
            <Named one={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The vault was unlocked elsewhere or too late, or a page is not where to say so: each waits for the person's word. */
export function WaitsOpen({ waiting }: { waiting: readonly Waiting[] }) {
  const id = useId();
  if (waiting.length === 0) return null;
  return (
    <section class="notice stack tight" aria-labelledby={id}>
      <p id={id}>This waits for you:</p>
      <ul class="stack tight">
        {waiting.map(one => (
          <One key={one.card} one={one} />
        ))}
      </ul>
    </section>
  );
}

/** Its buttons are named by what they do alone, and described by what they do it to. */
function One({ one }: { one: Waiting }) {
  const id = useId();
  const { card } = one;
  const { busy, failure, run } = usePending();
  const start = () =>
    run(async () => {
      const started = await act('selection.run', { card });
      show(started);
      // Until it shows, another press would be another call.
      await callShown(started.id);
    });
  return (
    <li class="stack tight">
      <Named one={one} id={id} />
      <div class="row">
        <Button busy={busy.value} described={id} onClick={start}>
          Run
        </Button>
        <Button
          class="plain"
          busy={busy.value}
          described={id}
          onClick={() => run(() => act('selection.discard', { card }))}
        >
          Discard
        </Button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </li>
  );
}

/** The prompt's name, the first words, the site and the price. */
function Named({ one: { title, words, site, price: cost }, id }: { one: Waiting; id?: string }) {
  const facts = [
    site && new URL(site).host,
    cost === undefined ? '' : cost === 0 ? 'free' : `about ${price(cost)}`,
  ];
  return (
    <div id={id}>
      <p>
        <strong>
          <bdi>{title}</bdi>
        </strong>
        {words && (
          <>
            {': '}
            <bdi>{words}</bdi>
          </>
        )}
      </p>
      <p class="quiet small">{facts.filter(Boolean).join(' · ')}</p>
    </div>
  );
}
