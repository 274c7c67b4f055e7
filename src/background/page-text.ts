import * as v from 'valibot';
import browser from 'webextension-polyfill';
import { insertText } from '../selection/insert';
import { readImage, readSelection } from '../selection/read';

/** As a prompt can have, and more than a card shows. UTF-16 units. */
const LONGEST_TEXT = 100_000;
/** 3 MB as base64: a few wait in the session's 10 MB. What is larger comes as a JPEG, or not at all. */
const LONGEST_IMAGE = 4_000_000;

const Selected = v.object({
  text: v.string(),
  title: v.string(),
  url: v.string(),
  editable: v.boolean(),
  focused: v.boolean(),
  private: v.exactOptional(v.literal(true)),
});
export type Selected = v.InferOutput<typeof Selected>;

/** A frame of a tab, or all that may be looked into. */
export interface Where {
  readonly tab: number;
  readonly frame?: number;
}

/**
 * What is selected, and in which frame: in the one that is named, or else in the one where the person is, never in
 * another. `none`: nothing is; undefined: no script may run there.
 */
export async function readText(
  { tab, frame }: Where,
  card?: string,
): Promise<(Selected & { frame: number }) | 'none' | undefined> {
  const target = frame === undefined ? { tabId: tab, allFrames: true } : { tabId: tab, frameIds: [frame] };
  const args: [number, string?] = card === undefined ? [LONGEST_TEXT] : [LONGEST_TEXT, card];
  const results = await browser.scripting
    .executeScript({ target, func: readSelection, args })
    .catch(() => undefined);
  if (!results?.length) return undefined;
  for (const { result, frameId } of results)
    if (v.is(Selected, result) && (frame !== undefined || result.focused))
      return { ...result, frame: frameId };
  return 'none';
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

/** Puts a text in the place of what was read there for a card; false where that is gone. */
export async function insertInto({ tab, frame = 0 }: Where, text: string, card: string): Promise<boolean> {
  const [first] = await browser.scripting
    .executeScript({ target: { tabId: tab, frameIds: [frame] }, func: insertText, args: [text, card] })
    .catch(() => []);
  return first?.result === true;
}
