import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { SelectionSettings } from '../../calls/settings';
import type { Sites } from '../../calls/sites';
import { Alert } from '../../ui/alert';
import { usePending } from '../../ui/pending';
import { askToShow } from '../../ui/sites';
import { Missing } from './missing';
import { TheseSites } from './these-sites';

type Mode = 'off' | 'these' | 'all';

const MODES: readonly { readonly mode: Mode; readonly label: string; readonly about: string }[] = [
  { mode: 'off', label: 'Off', about: 'The menu and the shortcuts work all the same.' },
  { mode: 'these', label: 'On these sites', about: 'The browser asks you for each of them.' },
  {
    mode: 'all',
    label: 'On all sites',
    about: 'The browser asks you once, and words it broadly: “read and change your data on all websites”.',
  },
];

const modeOf = (sites: Sites): Mode => (sites === 'all' ? 'all' : sites.length > 0 ? 'these' : 'off');

interface Props {
  readonly sites: Sites;
  readonly change: (edit: (now: SelectionSettings) => SelectionSettings) => Promise<void>;
}

/** Where the bubble is. Each choice asks for its permission first, and without it nothing changes. */
export function Where({ sites, change }: Props) {
  const id = useId();
  /** Chosen, with no site in the list yet: to be shown on none is to be off. */
  const listing = useSignal(false);
  /** The list when it was last in force, so that going back to it needs no typing. */
  const listed = useRef<readonly string[]>([]);
  if (sites !== 'all' && sites.length > 0) listed.current = sites;
  /** What is being asked for. An object, so that a press in vain shows again what holds. */
  const wish = useSignal<{ readonly mode: Mode } | undefined>(undefined);
  const choosing = usePending();
  const said = useSignal('');
  const saved = modeOf(sites);
  const mode = saved === 'off' && listing.value ? 'these' : saved;

  const choose = (wished: Mode) => {
    if (wish.value) {
      wish.value = { ...wish.value };
      return;
    }
    const next = wished === 'all' ? 'all' : wished === 'off' ? [] : listed.current;
    // Before anything else: the browser asks only for what a click set off.
    const allowed = askToShow(next);
    wish.value = { mode: wished };
    said.value = '';
    void choosing
      .run(async () => {
        await allowed;
        await change(now => ({ ...now, sites: next === 'all' ? next : [...next] }));
        listing.value = wished === 'these';
        said.value = saidOf(wished, next.length);
      })
      .finally(() => {
        wish.value = undefined;
      });
  };
  const shown = wish.value?.mode ?? mode;

  return (
    <div class="card stack">
      <fieldset class="stack tight" aria-describedby={`${id}-about`}>
        <legend>The bubble is</legend>
        {MODES.map(({ mode: one, label, about }) => (
          <div key={one}>
            <label class="row check">
              <input
                type="radio"
                name={id}
                checked={shown === one}
                aria-describedby={`${id}-${one}`}
                onChange={() => choose(one)}
              />
              {label}
            </label>
            <p class="quiet small beside" id={`${id}-${one}`}>
              {about}
            </p>
          </div>
        ))}
      </fieldset>
      <p class="quiet small" id={`${id}-about`}>
        Where it is on, Runkey waits on the page until you have selected something. What you selected is read
        when you choose a prompt, with the page’s title and address, and nothing is sent before you press Run.
        Nothing else of a page is read, and what you take back here is given back to the browser.
      </p>
      <p class="quiet" role="status">
        {said.value}
      </p>
      {choosing.failure.value && <Alert failure={choosing.failure.value} />}
      {mode === 'these' && <TheseSites sites={sites === 'all' ? [] : sites} change={change} />}
      {mode === 'all' && (
        <Missing sites="all">The browser no longer lets Runkey be shown on all sites.</Missing>
      )}
    </div>
  );
}

function saidOf(mode: Mode, count: number): string {
  if (mode === 'off') return 'The bubble is off.';
  if (mode === 'all') return 'The bubble is on all sites now.';
  return count === 0
    ? 'Add the first site.'
    : `The bubble is on ${count === 1 ? 'one site' : `${count} sites`} now.`;
}
