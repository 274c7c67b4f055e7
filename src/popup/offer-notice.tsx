import { useId } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { shownOn } from '../calls/settings';
import { WISHED_SITE } from '../messages/contract';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { usePending } from '../ui/pending';
import { changeSelection } from '../ui/selection-settings';
import { askToShow, hostOf } from '../ui/sites';
import { bubbleFor } from './brought';

/** Offers the bubble for the site that the popup was opened from. */
export function OfferNotice() {
  const id = useId();
  const { busy, failure, run } = usePending();
  const site = bubbleFor.value;
  if (site === undefined) return null;
  const show = () => {
    if (busy.value) return;
    // Before anything else: the browser asks only for what a click set off.
    const allowed = askToShow([site]);
    const { session } = browser.storage;
    // A popup may be gone by the time that the browser is answered: then the background goes on with it.
    void session.set({ [WISHED_SITE]: { site, at: Date.now() } });
    void run(async () => {
      await allowed.finally(() => session.remove(WISHED_SITE));
      await changeSelection(shownOn(site));
      bubbleFor.value = undefined;
    });
  };
  return (
    <section class="notice stack tight" aria-labelledby={id}>
      <p id={id}>
        Show Runkey beside text you select on <bdi>{hostOf(site)}</bdi>?
      </p>
      <p class="quiet small">
        Nothing is read before you have selected something, and nothing is sent before Run.
      </p>
      <div class="row">
        <Button busy={busy.value} onClick={show}>
          Show it there
        </Button>
        <Button class="plain" busy={busy.value} onClick={() => (bubbleFor.value = undefined)}>
          Not now
        </Button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </section>
  );
}
