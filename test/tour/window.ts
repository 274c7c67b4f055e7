import type { Page } from 'playwright-core';

/** A driven browser hides its downloads under made-up names in a folder that goes with it. This brings them back. */
export async function downloadInto(folder: string, page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  // The session stays open: its end would undo this.
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
}

/** Fills the screen, which has no window manager to do so. */
export async function fillScreen(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { windowId } = await session.send('Browser.getWindowForTarget');
  const { width, height } = await page.evaluate(() => ({ width: screen.width, height: screen.height }));
  await session.send('Browser.setWindowBounds', { windowId, bounds: { left: 0, top: 0, width, height } });
}
