import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Answers the browser's own question for a permission, which has the keyboard while it is open. */
export interface Question {
  allow(): Promise<void>;
  deny(): Promise<void>;
}

/** For the questions that a page at the front sets off, on a screen with `xdotool`. */
export async function questionsOf(page: Page, display: string): Promise<Question> {
  const press = (key: string) =>
    execFileSync('xdotool', ['key', key], { env: { ...process.env, DISPLAY: display } });
  const session = await page.context().newCDPSession(page);
  // Otherwise every page believes that it has the keyboard.
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const hasKeyboard = () => page.evaluate(() => document.hasFocus());
  const opened = () => expect.poll(hasKeyboard, { timeout: 10_000 }).toBe(false);
  /** In its first moments it takes no answer. */
  const answered = () =>
    expect
      .poll(
        async () => {
          press('Return');
          return hasKeyboard();
        },
        { timeout: 10_000, interval: 300 },
      )
      .toBe(true);
  return {
    // Deny has the keyboard at first.
    async deny() {
      await opened();
      await answered();
    },
    async allow() {
      await opened();
      press('Tab');
      await answered();
    },
  };
}
