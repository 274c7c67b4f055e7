import { CARD_PORT, type CardEvent } from '../messages/card';
import { connect, isAlive } from './extension';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

interface On {
  readonly event: (event: CardEvent) => void;
  /** The extension was updated or removed: nothing will be heard any more. */
  readonly orphaned: () => void;
  /** Whether news may come by itself: else a background that sleeps is let sleep until somebody looks. */
  readonly expecting: () => boolean;
}

export interface Line {
  readonly stop: () => void;
  /** At once, whatever the pause was: there is news. */
  readonly again: () => void;
  /** Opens it if it is cut. */
  readonly mend: () => void;
}

/**
 * Listens to what the background tells this document, which sleeps and dies and wakes again: until it is
 * stopped, the line is opened anew after pauses that grow while something is expected, and when the page is come back to.
 */
export function listen(on: On): Line {
  let pause = FIRST_PAUSE;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let close = (): void => {};
  let stopped = false;
  let connected = false;
  const looked = new AbortController();

  const open = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    try {
      if (!isAlive()) throw new Error('The extension is gone.');
      const port = connect(CARD_PORT);
      connected = true;
      let cut = false;
      port.onMessage.addListener(event => {
        pause = FIRST_PAUSE;
        if (!cut) on.event(event);
      });
      port.onDisconnect.addListener(() => {
        if (cut || stopped) return;
        cut = true;
        close = () => {};
        connected = false;
        timer = setTimeout(() => {
          if (on.expecting() || !isAlive()) open();
        }, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      });
      close = () => {
        cut = true;
        port.disconnect();
      };
    } catch {
      orphan();
    }
  };
  const end = (): void => {
    stopped = true;
    clearTimeout(timer);
    looked.abort();
  };
  const orphan = (): void => {
    end();
    on.orphaned();
  };
  const mend = (): void => {
    if (!connected) open();
  };
  addEventListener('focus', mend, { passive: true, signal: looked.signal });
  document.addEventListener('visibilitychange', mend, { passive: true, signal: looked.signal });

  open();
  return {
    stop() {
      end();
      close();
    },
    again() {
      close();
      pause = FIRST_PAUSE;
      open();
    },
    mend,
  };
}
