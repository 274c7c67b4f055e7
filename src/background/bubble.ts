import browser from 'webextension-polyfill';
import type { Preferences } from '../calls/preferences';
import type { SelectionSettings } from '../calls/settings';
import showBubble from '../selection/bubble.iife.ts?script';
import notice from '../selection/resident.iife.ts?script';

import { patternOf, patternsOf } from './permissions';
import { siteOf } from './prompts';

const ID = 'bubble';
/** The bubble beside selected text: which pages have the script that notices a selection. */
export class Bubble {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly preferences: () => Promise<Preferences>,
    /** Gives back the permissions that nothing needs any more. */
    private readonly release: () => Promise<void>,
  ) {}

  async settings(): Promise<SelectionSettings> {
    return (await this.preferences()).selection();
  }

  /** Saves where it is to be, brings it there and takes it away elsewhere. */
  set(next: SelectionSettings): Promise<void> {
    return this.inTurn(async () => {
      const preferences = await this.preferences();
      const before = await preferences.selection();
      await preferences.setSelection(next);
      await this.register(next);
      const left = patternsOf(next);
      await this.silence(before, next);
      if (patternsOf(before).some(pattern => !left.includes(pattern))) await this.release();
      const fresh = left.filter(pattern => !patternsOf(before).includes(pattern));
      if (fresh.length > 0) await this.bringTo(fresh);
    });
  }

  /** The browser forgets the script with an update of the extension. */
  restore(): Promise<void> {
    return this.inTurn(async () => this.register(await this.settings()));
  }

  /** Not on this site any more. */
  async off(site: string): Promise<void> {
    const settings = await this.settings();
    const not = [...settings.not.filter(one => one !== site), site];
    const { sites: all } = settings;
    await this.set({ ...settings, not, sites: all === 'all' ? all : all.filter(one => one !== site) });
  }

  async isOn(site: string): Promise<boolean> {
    const { sites, not } = await this.settings();
    return !not.includes(site) && (sites === 'all' || sites.includes(site));
  }

  /** Puts the bubble's own code into a frame where something was selected. */
  async showIn(tab: number, frame: number): Promise<void> {
    const target = { tabId: tab, frameIds: [frame] };
    await browser.scripting.executeScript({ target, files: [showBubble] }).catch(() => {});
  }

  private async register(settings: SelectionSettings): Promise<void> {
    const matches = patternsOf(settings);
    await browser.scripting.unregisterContentScripts({ ids: [ID] }).catch(() => {});
    if (matches.length === 0) return;
    const excludeMatches = [...new Set(settings.not.map(patternOf))];
    await browser.scripting.registerContentScripts([
      {
        id: ID,
        js: [notice],
        matches,
        ...(excludeMatches.length > 0 && { excludeMatches }),
        allFrames: true,
        // Later it would come between a page and its load event, which then waits for a layout: 100 ms with 50,000 nodes.
        runAt: 'document_start',
        persistAcrossSessions: true,
      },
    ]);
  }

  /** In pages where it was and is not to be any more, while they may still be reached. */
  private async silence(before: SelectionSettings, next: SelectionSettings): Promise<void> {
    const left = patternsOf(next);
    const gone = [
      ...patternsOf(before).filter(pattern => !left.includes(pattern)),
      ...next.not.filter(site => !before.not.includes(site)).map(patternOf),
    ];
    if (gone.length === 0) return;
    for (const { id, url } of await browser.tabs.query({ url: gone })) {
      const site = siteOf(url);
      if (id === undefined || (site !== undefined && (await this.isOn(site)))) continue;
      const target = { tabId: id, allFrames: true };
      const func = () => globalThis.runkeyResident?.stop();
      await browser.scripting.executeScript({ target, func }).catch(() => {});
    }
  }

  /** Into pages that are open already: they need no reload. */
  private async bringTo(patterns: string[]): Promise<void> {
    for (const { id } of await browser.tabs.query({ url: patterns })) {
      if (id === undefined) continue;
      const target = { tabId: id, allFrames: true };
      await browser.scripting.executeScript({ target, files: [notice] }).catch(() => {});
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }
}
