import browser from 'webextension-polyfill';

/**
 * Forgets what was only to be seen while private windows are open: when the last of them closes, and when the
 * browser starts.
 */
export function forgetPrivate(forget: () => Promise<void>, changed: () => Promise<void>): void {
  const gone = () =>
    forget()
      .then(changed)
      .catch(() => {});
  browser.windows?.onRemoved.addListener(async () => {
    const windows = await browser.windows.getAll();
    if (!windows.some(({ incognito }) => incognito)) await gone();
  });
  browser.runtime.onStartup.addListener(() => void gone());
}
