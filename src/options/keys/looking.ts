/** How long the browser may take to give the focus back, ms: its own dialog for a passkey takes it. */
const PATIENCE = 1_000;

/** Whether this page is in front and has the keyboard. */
export const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

/** Whether the person looks at this page, or does within a second. */
export async function someoneLooks(): Promise<boolean> {
  if (!isLookedAt()) {
    await new Promise<void>(resolve => {
      const timer = setTimeout(done, PATIENCE);
      function done() {
        clearTimeout(timer);
        removeEventListener('focus', done);
        resolve();
      }
      addEventListener('focus', done);
    });
  }
  return isLookedAt();
}
