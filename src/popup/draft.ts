import { signal } from '@preact/signals';
import * as v from 'valibot';
import browser from 'webextension-polyfill';
import { DRAFT, PRIVATE_DRAFT } from '../messages/contract';
import type { Values } from '../services/fields';
import { apart, type Pictures, samePictures, together } from './draft-pictures';
import { privateWindow } from './private-window';

const KeptPictures = v.array(
  v.object({ uri: v.string(), places: v.array(v.tuple([v.string(), v.string()])) }),
);

/** What is typed in the popup, kept on every keystroke: a popup may close at any moment. Memory only. */
const Draft = v.object({
  /** `service/operation`. */
  task: v.string(),
  key: v.string(),
  /** By task, so that each keeps its own. */
  values: v.record(v.string(), v.record(v.string(), v.string())),
  /** The origin of the page that the text was selected on, until the prompt is emptied. */
  site: v.exactOptional(v.string()),
});
type Draft = v.InferOutput<typeof Draft>;

export const draft = signal<Draft>({ task: '', key: '', values: {} });

/** Whether a picture is too large to be kept while the popup is closed. */
export const unkept = signal(false);

const names = () => (privateWindow.value ? PRIVATE_DRAFT : DRAFT);

/** Whether the popup's window is private has to be known. */
export async function loadDraft(): Promise<void> {
  const [texts, images] = names();
  const { [texts]: kept, [images]: pictures } = await browser.storage.session.get([texts, images]);
  if (v.is(Draft, kept)) {
    if (v.is(KeptPictures, pictures)) written = pictures;
    draft.value = { ...kept, values: together(kept.values, written) };
  }
}

/** A field that is undefined is forgotten. */
export function changeDraft(change: { [N in keyof Draft]?: Draft[N] | undefined }): void {
  const { site, ...changed } = { ...draft.value, ...change } as Draft;
  draft.value = { ...changed, ...(site !== undefined && { site }) };
  keep(draft.value);
}

export function changeValues(task: string, values: Values): void {
  changeDraft({ values: { ...draft.value.values, [task]: values } });
}

let written: Pictures = [];

/** Pictures are written only when one has changed, and never stand in the way of what was typed. */
function keep(whole: Draft): void {
  const { texts, pictures, left } = apart(whole.values, whole.task);
  const [name, images] = names();
  void browser.storage.session.set({ [name]: { ...whole, values: texts } });
  unkept.value = left;
  if (samePictures(pictures, written)) return;
  written = pictures;
  browser.storage.session.set({ [images]: pictures }).catch(() => {
    // The browser had less room than that. An earlier picture must not come back in the place of this one.
    void browser.storage.session.remove(images);
    unkept.value = true;
  });
}
