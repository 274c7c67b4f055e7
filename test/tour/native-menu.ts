import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';

const run = promisify(execFile);
const xdotool = (...args: string[]) => run('xdotool', args, { timeout: 5_000 });

/** Selects the text of an element with the mouse, from its first character to its last. */
export async function selectByMouse(page: Page, text: string): Promise<void> {
  const [from, to] = await edges(page, text);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 12 });
  await page.mouse.up();
}

/** Opens the browser's own right-click menu on a text in the page, with the pointer of the X display. */
export async function rightClick(page: Page, text: string): Promise<void> {
  const [{ x, y }] = await edges(page, text);
  await rightClickAt(page, { x: x + 40, y });
}

/** The same at a point of the page. */
export async function rightClickAt(page: Page, { x, y }: Point): Promise<void> {
  const at = await page.evaluate(
    ([left, top]) => {
      // The window has its frame and toolbars above the page, and the same small border on its sides.
      const border = (outerWidth - innerWidth) / 2;
      return { x: screenX + border + left, y: screenY + outerHeight - innerHeight - border + top };
    },
    [x, y] as const,
  );
  await xdotool('mousemove', String(Math.round(at.x)), String(Math.round(at.y)), 'click', '3');
  // The menu is the browser's, and nothing tells when it is there.
  await sleep(400);
}

/** Chooses the one item of an open menu that starts with this letter. */
export async function chooseByLetter(letter: string): Promise<void> {
  await xdotool('key', letter);
}

type Point = { x: number; y: number };

/** The middle of the left edge of the first line, and of the right edge of the last. */
async function edges(page: Page, text: string): Promise<[Point, Point]> {
  const boxes = await page.getByText(text).evaluate(element =>
    [...element.getClientRects()].map(({ left, right, top, bottom }) => ({
      left,
      right,
      y: (top + bottom) / 2,
    })),
  );
  const [first, last] = [boxes[0], boxes.at(-1)];
  if (!first || !last) throw new Error(`“${text}” is not on the page.`);
  return [
    { x: first.left, y: first.y },
    { x: last.right, y: last.y },
  ];
}
