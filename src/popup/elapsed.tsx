import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Call, OpenState } from '../calls/call';
import { price } from '../calls/dollars';
import { doingOf, underWay } from '../calls/words';

/** Seconds after which it is said that the service is slow. */
const SLOW = 15;

interface Props {
  readonly call: Call;
  readonly state: OpenState;
}

/** An open call. It ticks only while there is one to look at. */
export function Elapsed({ call, state }: Props) {
  const now = useSignal(Date.now());
  const undoing = state.phase === 'queued' && state.note === 'undo';
  useEffect(() => {
    const tick = () => {
      now.value = Date.now();
    };
    tick();
    // The time in which a call can be undone is short.
    const timer = setInterval(tick, undoing ? 200 : 1000);
    return () => clearInterval(timer);
  }, [now, undoing]);
  const seconds = Math.max(0, Math.round((now.value - call.at) / 1000));
  const progress = state.phase === 'sent' ? state.progress : undefined;
  const counts = !undoing && !isAskedAfter(state);

  return (
    <div class="under-way">
      <p class="row busy">
        <span>{said(call, state, now.value)}</span>
        {/* The count is for the eye: a screen reader would read it every second. */}
        {counts && (
          <span class="quiet" aria-hidden="true">
            {seconds} s
          </span>
        )}
      </p>
      {progress !== undefined && <progress max={100} value={progress} aria-label="Progress" />}
    </div>
  );
}

/** It was over once, and how long ago it was made says nothing of how long it takes now. */
const isAskedAfter = (state: OpenState): boolean => state.phase === 'sent' && state.askOnly === true;

/** `now` in ms since the epoch. */
function said(call: Call, state: OpenState, now: number): string {
  if (state.note === 'undo') {
    const left = Math.max(0, Math.ceil(((state.until ?? now) - now) / 1000));
    const { estimate } = call.request;
    const about = estimate === undefined ? '' : `, about ${price(estimate)}`;
    return `Sending in ${left} s${about}. Cancel stops it at no cost.`;
  }
  if (state.note) return underWay(call);
  const doing = doingOf(call);
  const slow = !isAskedAfter(state) && now - call.at >= SLOW * 1000;
  if (state.phase === 'sent' && state.progress !== undefined) {
    const far = `${doing}… ${Math.round(state.progress)} %`;
    return slow ? `${far}. You may close this, the result will wait here.` : far;
  }
  return slow ? `${doing}… The service is slow; you may close this, the result will wait here.` : `${doing}…`;
}
