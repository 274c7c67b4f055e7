import browser from 'webextension-polyfill';

export const ALARM = 'calls';
/** Rings when a call that rests is due, should the background have died meanwhile. */
export const DUE = 'calls due';

/** The soonest that an alarm may ring, ms. */
const SOONEST = 30_000;
/** The longest that a timer may take, ms. */
const LONGEST = 2 ** 31 - 1;

/**
 * Keeps the background alive while calls are open, and has it started again should it die all the same.
 * Chromium and Firefox end it after 30 s without an extension event or API call; waiting for a network
 * answer is neither. Nothing ticks while no call is open.
 */
export class Awake {
  private held = 0;
  private beat: ReturnType<typeof setInterval> | undefined;
  private due: { readonly at: number; readonly timer: ReturnType<typeof setTimeout> } | undefined;

  hold(): void {
    if (this.held++ > 0) return;
    this.beat = setInterval(() => browser.storage.session.get('beat'), 20_000);
    // The least period that alarms have.
    browser.alarms.create(ALARM, { periodInMinutes: 0.5 });
  }

  /** Ends the alarm where no call is held: one may be left from a background that died. */
  rest(): void {
    if (this.held > 0) return;
    clearInterval(this.beat);
    browser.alarms.clear(ALARM);
  }

  /**
   * Goes on by then (ms since the epoch) at the latest: by a timer while the background lives, which it does not keep
   * alive, else by an alarm. Of several moments the first counts: whoever goes on asks for the next.
   */
  wakeBy(at: number, go: () => void): void {
    // One that is past is of a timer that stood still while the computer slept.
    if (this.due && this.due.at <= at && this.due.at > Date.now()) return;
    clearTimeout(this.due?.timer);
    const timer = setTimeout(
      () => {
        this.due = undefined;
        go();
      },
      Math.min(Math.max(0, at - Date.now()), LONGEST),
    );
    this.due = { at, timer };
    browser.alarms.create(DUE, { when: Math.max(at, Date.now() + SOONEST) });
  }

  release(): void {
    this.held--;
    this.rest();
  }
}
