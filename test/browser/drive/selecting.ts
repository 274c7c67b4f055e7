import type { Locator, Page } from 'playwright-core';
import { USUAL_SELECTION } from '../../../src/calls/settings';
import { demoKey } from '../../emulators/runware/index';
import type { Others } from '../emulate';
import { addRunwareKey, askFrom, createVault, OPTIONS, type Stage, setWholeStage } from '../stage';
import type { ChromiumOptions } from './chromium';
import { type InPage, inPage } from './in-page';
import { OTHER_SITE, SITE, serveSites } from './site';

export const PASSPHRASE = 'plum anchor violin north';

export interface Selecting {
  readonly stage: Stage & Others;
  readonly options: Page;
  /** Opens one of the pages, in a tab of its own. */
  open(path: string): Promise<{ page: Page; ours: InPage }>;
  /** Changes where and when the bubble shows. */
  set(settings: Partial<typeof USUAL_SELECTION>): Promise<void>;
}

/** A browser with a key in the vault, where the bubble is wanted on both sites. */
export async function setSelecting(chromium: Partial<ChromiumOptions> = {}): Promise<Selecting> {
  const stage = await setWholeStage({
    permitted: [SITE, OTHER_SITE].map(site => new URL(site).host),
    chromium: { viewport: { width: 1000, height: 800 }, ...chromium },
  });
  const { context, extensionId } = stage.chromium;
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  await serveSites(context);
  const set = (settings: Partial<typeof USUAL_SELECTION>) =>
    askFrom<void>(options, 'settings.setSelection', {
      selection: { ...USUAL_SELECTION, sites: [SITE, OTHER_SITE], asked: true, ...settings },
    });
  await set({});
  return {
    stage,
    options,
    set,
    async open(path) {
      const page = await context.newPage();
      await page.goto(new URL(path, SITE).href);
      return { page, ours: await inPage(page, extensionId) };
    },
  };
}

/** Selects a word as a person does, with two clicks on it. */
export async function selectWord(words: Locator, x = 40): Promise<void> {
  await words.dblclick({ position: { x, y: 10 } });
}

/** Selects everything in a field with the keyboard. */
export async function selectAll(field: Locator): Promise<void> {
  await field.focus();
  await field.press('Control+a');
}

/** From a selection to the card that waits for `Run`. */
export async function pick(ours: InPage, prompt: string): Promise<void> {
  await ours.press('Runkey');
  await ours.press(prompt);
  await ours.button('Run');
}
