import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { inPage } from './in-page';

/** Has every new document of a page note when the first of something is painted. */
export async function watchPainting(page: Page, selector: string): Promise<void> {
  await page.addInitScript(`${await inPage('painted.js')}(${JSON.stringify(selector)})`);
}

/** When it was, ms since the document began; waits for it. */
export async function painted(page: Page): Promise<number> {
  const at = await page.evaluate(`new Promise(resolve => {
    const look = () => (bench.painted > 0 ? resolve(bench.painted) : setTimeout(look, 10));
    look();
  })`);
  return v.parse(v.number(), at);
}

/** Opens the page anew: from the beginning of the document to what was painted. */
export async function openAnew(page: Page): Promise<number> {
  await page.reload();
  return painted(page);
}

/** The longest task since the document began or this was last asked, ms; 0 where none took 50 or more. */
export async function longestTask(page: Page): Promise<number> {
  return v.parse(v.number(), await page.evaluate('Math.max(0, ...bench.longTasks.splice(0))'));
}
