import * as v from 'valibot';
import browser from 'webextension-polyfill';
import { shownOn } from '../calls/settings';
import { patternOf } from '../calls/sites';
import { WISHED_SITE } from '../messages/contract';
import type { Bubble } from './bubble';

const Wish = v.object({ site: v.string(), at: v.number() });
/** How long the browser's question may wait for its answer, ms. */
const PATIENCE = 2 * 60_000;

/**
 * Chromium closes the popup as soon as it asks for a permission: what the person wished there is done here once the
 * answer is yes.
 */
export function showWhereWished(bubble: Bubble): void {
  const allowed = async () => {
    const { [WISHED_SITE]: wish } = await browser.storage.session.get(WISHED_SITE);
    if (!v.is(Wish, wish) || Math.abs(Date.now() - wish.at) > PATIENCE) return;
    if (!(await browser.permissions.contains({ origins: [patternOf(wish.site)] }))) return;
    await browser.storage.session.remove(WISHED_SITE);
    await bubble.change(shownOn(wish.site));
  };
  browser.permissions.onAdded.addListener(() => void allowed().catch(() => {}));
}
