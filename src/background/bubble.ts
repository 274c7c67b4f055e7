import browser from 'webextension-polyfill';
import type { Preferences } from '../calls/preferences';
import type { SelectionSettings } from '../calls/settings';
import { patternOf, patternsOf } from '../calls/sites';
import showBubble from '../selection/bubble.iife.ts?script';
import notice from '../selection/resident.iife.ts?script';
import { siteOf } from './site';

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

  /** Changes what is set by then, brings the bubble where it is to be and takes it away elsewhere. */
  change(edit: (now: SelectionSettings) => SelectionSettings): Promise<void> {
    return this.inTurn(async () => {
      const preferences = await this.preferences();
      const before = await preferences.selection();
      const next = edit(before);
      await preferences.setSelection(next);
      await this.register(next);
      await this.silence(before, next);
      const [was, is] = [patternsOf(before.sites), patternsOf(next.sites)];
      if (was.some(pattern => !is.includes(pattern))) await this.release();
      await this.bringTo(is.filter(pattern => !was.includes(pattern)));
    });
  }

  /** The browser forgets the script with an update of the extension. */
  restore(): Promise<void> {
    return this.inTurn(async () => this.register(await this.settings()));
  }

  /** Not on this site any more. */
  off(site: string): Promise<void> {
    return this.change(now => ({
      ...now,
      sites: now.sites === 'all' ? 'all' : now.sites.filter(one => one !== site),
      not: [...now.not.filter(one => one !== site), site],
    }));
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
    const matches = patternsOf(settings.sites);
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
    const left = patternsOf(next.sites);
    const gone = [
      ...patternsOf(before.sites).filter(pattern => !left.includes(pattern)),
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
    if (patterns.length === 0) return;
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
