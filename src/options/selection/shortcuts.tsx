import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import browser, { type Commands } from 'webextension-polyfill';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { usePending } from '../../ui/pending';

const SETTINGS = 'chrome://extensions/shortcuts';

/** Opens the browser's own page for them: nobody else may change a shortcut. */
async function openSettings(): Promise<void> {
  const { commands } = browser;
  // Firefox has a way of its own, which its types do not know yet.
  if ('openShortcutSettings' in commands && typeof commands.openShortcutSettings === 'function')
    await commands.openShortcutSettings();
  else await browser.tabs.create({ url: SETTINGS });
}

/** What the shortcuts are now. */
export function Shortcuts() {
  const commands = useSignal<readonly Commands.Command[]>([]);
  const { busy, failure, run } = usePending();
  useEffect(() => {
    const look = async () => {
      commands.value = await browser.commands.getAll();
    };
    // They are changed on another page.
    const again = () => document.visibilityState === 'visible' && void look();
    void look();
    document.addEventListener('visibilitychange', again);
    return () => document.removeEventListener('visibilitychange', again);
  }, [commands]);

  return (
    <div class="card stack">
      <div class="stack tight">
        <h3>Shortcuts</h3>
        <p class="quiet">
          They work on every page, with the bubble off too. The browser has the say over them.
        </p>
      </div>
      <dl class="shortcuts">
        {commands.value.map(({ name = '', description, shortcut }) => (
          <div key={name} class="row spread">
            <dt>{description || OPEN}</dt>
            <dd>{shortcut ? <kbd>{shortcut}</kbd> : <span class="quiet">none yet</span>}</dd>
          </div>
        ))}
      </dl>
      <div class="row">
        <Button busy={busy.value} onClick={() => run(openSettings)}>
          Change shortcuts
        </Button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}

/** The command that browsers have for the popup may come without a description. */
const OPEN = 'Open Runkey';
