import { CARD_PORT, type CardEvent } from '../messages/card';
import { connect, isAlive } from './extension';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

interface On {
  readonly event: (event: CardEvent) => void;
  /** The extension was updated or removed: nothing will be heard any more. */
  readonly orphaned: () => void;
}

/**
 * Listens to what the background tells this document, which sleeps and dies and wakes again: until it is
 * stopped, the line is opened anew after pauses that grow.
 */
export function listen(on: On): { stop: () => void; again: () => void } {
  let pause = FIRST_PAUSE;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let close = (): void => {};
  let stopped = false;

  const open = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    try {
      if (!isAlive()) throw new Error('The extension is gone.');
      const port = connect(CARD_PORT);
      let cut = false;
      port.onMessage.addListener(event => {
        pause = FIRST_PAUSE;
        if (!cut) on.event(event);
      });
      port.onDisconnect.addListener(() => {
        if (cut || stopped) return;
        cut = true;
        close = () => {};
        timer = setTimeout(open, pause);
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
  const orphan = (): void => {
    stopped = true;
    on.orphaned();
  };

  open();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      close();
    },
    /** At once, whatever the pause was: there is news. */
    again() {
      close();
      pause = FIRST_PAUSE;
      open();
    },
  };
}
