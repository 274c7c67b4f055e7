import browser from 'webextension-polyfill';

/** Firefox closes a popup as soon as its dialog for files opens, and the file goes nowhere (bug 1292701). */
const pickingCloses = (): boolean =>
  location.protocol === 'moz-extension:' &&
  browser.extension.getViews({ type: 'popup' }).some(view => view === window);

/** There it goes on in a tab, where the dialog closes nothing: what was typed is in that too. */
export function pickInTab(event: MouseEvent): void {
  if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'file' || !pickingCloses()) return;
  event.preventDefault();
  void browser.tabs.create({ url: location.href }).then(() => window.close());
}
