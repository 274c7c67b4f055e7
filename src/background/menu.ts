import browser, { type Menus, type Tabs } from 'webextension-polyfill';
import type { Preferences } from '../calls/preferences';
import type { Prompt } from '../calls/prompt';
import { secretsIn } from '../guard/shapes';
import { bring } from './brought';
import type { Gesture } from './gesture';
import { readText } from './page-text';
import { isPrivateText } from './private-text';
import type { PromptRunner } from './prompts';
import { offerSecret } from './secret';
import { siteOf } from './site';

const TOP = 'runkey';
const ASK = 'ask';
const PROMPT = 'prompt ';
/** The prompt that was run last, in storage.session. */
export const LAST = 'last prompt';
/** How often the menu was used on each site, in storage.session: sites are nobody's business for longer. */
export const CLICKS = 'clicks';
/** After so many the bubble is offered there, once. */
const ENOUGH = 3;
/** A key that is held down comes again and again: that is one wish, ms. */
const HELD = 1_000;

interface Around {
  readonly preferences: () => Promise<Preferences>;
  readonly runner: PromptRunner;
  /** The person did something. */
  readonly touched: () => void;
}

/** The right-click menu and the shortcuts: saved prompts on selected text and on pictures. */
export class Menu {
  private turn: Promise<unknown> = Promise.resolve();
  private repeated = 0;

  constructor(private readonly around: Around) {
    browser.contextMenus.onClicked.addListener((info, tab) => void this.clicked(info, tab));
    browser.commands.onCommand.addListener((command, tab) => {
      if (command === 'selection') void this.openOn(tab);
      if (command === 'repeat') void this.repeat(tab);
    });
  }

  /** Builds it anew, of the prompts as they are. */
  build(): Promise<void> {
    const built = this.turn.then(async () => {
      const prompts = await (await this.around.preferences()).prompts();
      await browser.contextMenus.removeAll();
      const of = (on: Prompt['on']) => prompts.filter(prompt => prompt.on === on);
      create({
        id: TOP,
        title: 'Runkey',
        contexts: ['selection', ...(of('image').length ? ['image' as const] : [])],
      });
      for (const { id, name, on } of [...of('text'), ...of('image')]) {
        create({
          id: PROMPT + id,
          parentId: TOP,
          // A name is anybody's: `&` would mark a letter, `%s` stand for the text.
          title: name.replaceAll('&', '&&').replaceAll('%', '％'),
          contexts: [on === 'text' ? 'selection' : 'image'],
        });
      }
      create({ id: ASK, parentId: TOP, title: 'Ask something else…', contexts: ['selection'] });
    });
    this.turn = built.catch(() => {});
    return built;
  }

  private async clicked(info: Menus.OnClickData, tab: Tabs.Tab | undefined): Promise<void> {
    if (tab?.id === undefined) return;
    this.around.touched();
    const item = String(info.menuItemId);
    const text = info.selectionText;
    if (item === ASK) return this.ask(tab, info.frameId, text);
    const prompt = await this.prompt(item.slice(PROMPT.length));
    if (!item.startsWith(PROMPT) || !prompt) return;
    await this.run({
      ...gestureOf(tab, 'menu', prompt),
      where: { tab: tab.id, frame: info.frameId ?? 0 },
      ...(text && { text }),
      ...(info.srcUrl && { picture: info.srcUrl }),
    });
  }

  /** Repeats the last prompt on what is selected now. */
  private async repeat(tab: Tabs.Tab | undefined): Promise<void> {
    const since = Date.now() - this.repeated;
    this.repeated = Date.now();
    if (tab?.id === undefined || (since >= 0 && since < HELD)) return;
    this.around.touched();
    const { [LAST]: last } = await browser.storage.session.get(LAST);
    const prompts = await (await this.around.preferences()).prompts();
    const prompt = prompts.find(({ id, on }) => id === last && on === 'text');
    if (prompt) await this.run(gestureOf(tab, 'shortcut', prompt));
    // There is nothing to repeat: the person says what to do.
    else await this.ask(tab, undefined, undefined);
  }

  private async openOn(tab: Tabs.Tab | undefined): Promise<void> {
    if (tab?.id === undefined) return;
    this.around.touched();
    await this.ask(tab, undefined, undefined);
  }

  /** Brings the text into the popup, where the person says what to do with it. */
  private async ask(tab: Tabs.Tab, frame: number | undefined, text: string | undefined): Promise<void> {
    if (tab.id === undefined) return;
    const read = await readText({ tab: tab.id, ...(frame !== undefined && { frame }) });
    const hidden = typeof read === 'object' && read.private;
    // The menu's own text has lost its paragraphs.
    const said = typeof read === 'object' ? read.text : text;
    const found = hidden || (said && isPrivateText(said)) ? undefined : said;
    const site = tab.incognito ? undefined : siteOf(tab.url);
    const [secret] = found ? secretsIn(found) : [];
    if (found && secret) return offerSecret(found.slice(secret.start, secret.end));
    await bring(found ? { text: found, ...(site && { site }) } : {}, tab.incognito);
  }

  private async run(gesture: Gesture): Promise<void> {
    const { id, on } = gesture.prompt;
    if (on === 'text') await browser.storage.session.set({ [LAST]: id });
    const offer = gesture.by === 'menu' && !gesture.incognito ? await this.offerOn(gesture) : undefined;
    await this.around.runner.begin({ ...gesture, ...(offer && { offer }) });
  }

  /** The site, if it is time to offer the bubble there. */
  private async offerOn({ page }: Gesture): Promise<string | undefined> {
    const site = siteOf(page?.url);
    const { sites, not } = await (await this.around.preferences()).selection();
    if (!site || sites === 'all' || sites.includes(site) || not.includes(site)) return undefined;
    const { [CLICKS]: kept } = await browser.storage.session.get(CLICKS);
    const clicks = new Map<string, number>(Array.isArray(kept) ? kept : []);
    const count = (clicks.get(site) ?? 0) + 1;
    clicks.set(site, count);
    await browser.storage.session.set({ [CLICKS]: [...clicks] });
    if (count !== ENOUGH) return undefined;
    return (await (await this.around.preferences()).offerOnce(site)) ? site : undefined;
  }

  private async prompt(id: string): Promise<Prompt | undefined> {
    return (await (await this.around.preferences()).prompts()).find(prompt => prompt.id === id);
  }
}

function gestureOf(tab: Tabs.Tab, by: Gesture['by'], prompt: Prompt): Gesture {
  return {
    by,
    prompt,
    where: { tab: tab.id ?? 0 },
    incognito: tab.incognito,
    page: { title: tab.title ?? '', url: tab.url ?? '' },
  };
}

/** One that is there already stays as it is. */
function create(item: Menus.CreateCreatePropertiesType): void {
  browser.contextMenus.create(item, () => void browser.runtime.lastError);
}
