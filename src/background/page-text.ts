import * as v from 'valibot';
import browser from 'webextension-polyfill';
import { insertText } from '../selection/insert';
import { readImage, readSelection } from '../selection/read';

/** As a prompt can have, and more than a card shows. UTF-16 units. */
const LONGEST_TEXT = 100_000;
/** 10 MB as base64: what a task's picture can be. */
const LONGEST_IMAGE = 13_900_000;

const Selected = v.object({ text: v.string(), title: v.string(), url: v.string(), editable: v.boolean() });
export type Selected = v.InferOutput<typeof Selected>;

/** A frame of a tab, or all that may be looked into. */
export interface Where {
  readonly tab: number;
  readonly frame?: number;
}

/** What is selected, and in which frame; undefined where nothing is, or where no script may run. */
export async function readText({ tab, frame }: Where): Promise<(Selected & { frame: number }) | undefined> {
  const target = frame === undefined ? { tabId: tab, allFrames: true } : { tabId: tab, frameIds: [frame] };
  const results = await browser.scripting
    .executeScript({ target, func: readSelection, args: [LONGEST_TEXT] })
    .catch(() => []);
  for (const { result, frameId } of results)
    if (v.is(Selected, result) && result.text.trim()) return { ...result, frame: frameId };
  return undefined;
}

/** The bytes of a picture of the page, a data URI; undefined where the page may not be asked for them. */
export async function readPicture(where: Where, address: string): Promise<string | undefined> {
  const [first] = await browser.scripting
    .executeScript({
      target: { tabId: where.tab, frameIds: [where.frame ?? 0] },
      func: readImage,
      args: [address, LONGEST_IMAGE],
    })
    .catch(() => []);
  return typeof first?.result === 'string' ? first.result : undefined;
}

/** Puts a text in the place of what was read there; false where that is gone. */
export async function insertInto({ tab, frame = 0 }: Where, text: string): Promise<boolean> {
  const [first] = await browser.scripting
    .executeScript({ target: { tabId: tab, frameIds: [frame] }, func: insertText, args: [text] })
    .catch(() => []);
  return first?.result === true;
}
