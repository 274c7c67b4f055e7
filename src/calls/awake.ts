import browser from 'webextension-polyfill';

export const ALARM = 'calls';

/**
 * Keeps the background alive while calls are open, and has it started again should it die all the same.
 * Chromium and Firefox end it after 30 s without an extension event or API call; waiting for a network
 * answer is neither. Nothing ticks while no call is open.
 */
export class Awake {
  private held = 0;
  private beat: ReturnType<typeof setInterval> | undefined;

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

  release(): void {
    this.held--;
    this.rest();
  }
}
