import * as v from 'valibot';
import browser, { type Tabs } from 'webextension-polyfill';
import { Failure } from '../failure';
import readSelection from '../selection/read.iife.ts?script';
import { PRIVATE_OFFERED } from './passing';

const ID = 'runkey';
const OFFERED = 'offered';
/** How long after a click on the menu its page may offer the text, ms. */
const OFFER = 5_000;

let clicked:
  | { readonly tab: number; readonly at: number; readonly name: string; readonly site?: string }
  | undefined;

const Offered = v.object({ text: v.string(), site: v.exactOptional(v.string()) });
type Offered = v.InferOutput<typeof Offered>;

/**
 * The right-click menu on selected text: it brings the text into the popup, where the person says what to do.
 * `touched` is told that the person did something.
 */
export function offerMenu(touched: () => void): void {
  browser.runtime.onInstalled.addListener(() => {
    browser.contextMenus.create({ id: ID, title: 'Runkey', contexts: ['selection'] });
  });

  browser.contextMenus.onClicked.addListener(async ({ selectionText, frameId = 0 }, tab) => {
    if (!selectionText) return;
    touched();
    const site = siteOf(tab);
    const name = nameFor(tab?.incognito);
    await keep(name, { text: selectionText, ...(site && { site }) });
    // The menu's text has lost its paragraphs. Where a script may run, it offers the text as it stands.
    if (tab?.id !== undefined) {
      clicked = { tab: tab.id, at: Date.now(), name, ...(site && { site }) };
      const target = { tabId: tab.id, frameIds: [frameId] };
      await browser.scripting.executeScript({ target, files: [readSelection] }).catch(() => {});
    }
    await browser.action.openPopup().catch(() => {});
  });
}

const keep = (name: string, offered: Offered): Promise<void> =>
  browser.storage.session.set({ [name]: offered });

/** What is selected in private windows is for these alone. */
const nameFor = (incognito = false): string => (incognito ? PRIVATE_OFFERED : OFFERED);

/** Where the text is from; a private window's pages are nobody's business. */
function siteOf(tab: Tabs.Tab | undefined): string | undefined {
  const page = tab?.incognito || !tab?.url ? null : URL.parse(tab.url);
  return page && /^https?:$/.test(page.protocol) ? page.origin : undefined;
}

/** The handlers of the door that concern selected text. It is kept in memory only, for it may be private. */
export const selectionHandlers = {
  /** Throws `refused` unless the person has just used the menu in that tab. */
  'selection.offer': async ({ text }: { text: string }, { tab }: { tab: number }): Promise<void> => {
    if (clicked?.tab !== tab || Date.now() - clicked.at > OFFER) {
      throw new Failure('refused', 'Nobody asked this page for its text.');
    }
    const { name, site } = clicked;
    clicked = undefined;
    await keep(name, { text, ...(site && { site }) });
  },

  'selection.take': async ({ private: incognito }: { private?: true }): Promise<Offered | null> => {
    const name = nameFor(incognito);
    const { [name]: offered } = await browser.storage.session.get(name);
    await browser.storage.session.remove(name);
    return v.is(Offered, offered) ? offered : null;
  },
};
