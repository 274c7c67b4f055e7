import { signal } from '@preact/signals';
import * as v from 'valibot';
import browser from 'webextension-polyfill';
import { ask } from '../messages/client';
import type { Values } from '../services/fields';

const NAME = 'draft';

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

/** Text that the right-click menu brought and no task has taken yet. */
export const offered = signal<{ text: string; site?: string } | undefined>(undefined);

export async function loadDraft(): Promise<void> {
  const { [NAME]: kept } = await browser.storage.session.get(NAME);
  if (v.is(Draft, kept)) draft.value = kept;
  // Without the background there is no selection either; the page itself says that it is silent.
  void ask('selection.take', {}).then(
    taken => {
      offered.value = taken ?? undefined;
    },
    () => {},
  );
}

/** A field that is undefined is forgotten. */
export function changeDraft(change: { [N in keyof Draft]?: Draft[N] | undefined }): void {
  const { site, ...changed } = { ...draft.value, ...change } as Draft;
  draft.value = { ...changed, ...(site !== undefined && { site }) };
  void browser.storage.session.set({ [NAME]: draft.value });
}

export function changeValues(task: string, values: Values): void {
  changeDraft({ values: { ...draft.value.values, [task]: values } });
}
