import browser from 'webextension-polyfill';
import { Failure } from '../failure';
import readSelection from '../selection/read.iife.ts?script';

const ID = 'runkey';
const OFFERED = 'offered';
/** How long after a click on the menu its page may offer the text, ms. */
const OFFER = 5_000;

let clicked: { readonly tab: number; readonly at: number } | undefined;

/** The right-click menu on selected text: it brings the text into the popup, where the person says what to do. */
export function offerMenu(): void {
  browser.runtime.onInstalled.addListener(() => {
    browser.contextMenus.create({ id: ID, title: 'Runkey', contexts: ['selection'] });
  });

  browser.contextMenus.onClicked.addListener(async ({ selectionText, frameId = 0 }, tab) => {
    if (!selectionText) return;
    await keep(selectionText);
    // The menu's text has lost its paragraphs. Where a script may run, it offers the text as it stands.
    if (tab?.id !== undefined) {
      clicked = { tab: tab.id, at: Date.now() };
      const target = { tabId: tab.id, frameIds: [frameId] };
      await browser.scripting.executeScript({ target, files: [readSelection] }).catch(() => {});
    }
    await browser.action.openPopup().catch(() => {});
  });
}

const keep = (text: string): Promise<void> => browser.storage.session.set({ [OFFERED]: text });

/** The handlers of the door that concern selected text. It is kept in memory only, for it may be private. */
export const selectionHandlers = {
  /** Throws `refused` unless the person has just used the menu in that tab. */
  'selection.offer': async ({ text }: { text: string }, { tab }: { tab: number }): Promise<void> => {
    if (clicked?.tab !== tab || Date.now() - clicked.at > OFFER) {
      throw new Failure('refused', 'Nobody asked this page for its text.');
    }
    clicked = undefined;
    await keep(text);
  },

  'selection.take': async (): Promise<{ text: string } | null> => {
    const { [OFFERED]: text } = await browser.storage.session.get(OFFERED);
    await browser.storage.session.remove(OFFERED);
    return typeof text === 'string' ? { text } : null;
  },
};
