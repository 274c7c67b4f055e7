import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Seconds after which it is said that the service is slow. */
const SLOW = 15;

interface Props {
  /** Ms since the epoch. */
  readonly since: number;
  readonly doing: string;
  readonly note: 'reconnecting' | 'locked' | 'unsaved' | undefined;
}

/** An open call. It ticks only while there is one to look at. */
export function Elapsed({ since, doing, note }: Props) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }, [now]);
  const seconds = Math.max(0, Math.round((now.value - since) / 1000));

  return (
    <p class="row busy">
      <span>{said(doing, note, seconds)}</span>
      {/* The count is for the eye: a screen reader would read it every second. */}
      <span class="quiet" aria-hidden="true">
        {seconds} s
      </span>
    </p>
  );
}

function said(doing: string, note: Props['note'], seconds: number): string {
  if (note === 'reconnecting') return 'The connection dropped. Asking the service for the answer…';
  if (note === 'locked') return 'Waiting for the vault to be unlocked…';
  if (note === 'unsaved') {
    return 'The disk is full, so the answer could not be kept. Free some space: Runkey then asks for it again.';
  }
  if (seconds >= SLOW) return `${doing}… The service is slow; you may close this, the result will wait here.`;
  return `${doing}…`;
}
