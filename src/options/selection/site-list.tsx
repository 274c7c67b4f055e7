import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly sites: readonly string[];
  readonly onRemove: (site: string) => Promise<void>;
  /** What there is to say of a site. */
  readonly about?: (site: string) => ComponentChildren;
}

/** Sites, each with a button that takes it out. */
export function SiteList({ label, sites, onRemove, about }: Props) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  /** Its button goes with it, and the keyboard to the one that takes its place. */
  const remove = async (site: string, at: number) => {
    await onRemove(site);
    setTimeout(() => {
      if (document.activeElement !== document.body) return;
      const buttons = list.current?.querySelectorAll<HTMLElement>('[data-remove]');
      (buttons?.[at] ?? buttons?.[at - 1] ?? list.current)?.focus();
    });
  };
  return (
    <ul class="lines" ref={list} aria-label={label} tabIndex={-1}>
      {sites.map((site, at) => (
        <li key={site}>
          <div class="row spread">
            <span id={`${id}-${at}`}>{named(site)}</span>
            <button
              type="button"
              data-remove
              aria-describedby={`${id}-${at}`}
              onClick={() => void remove(site, at)}
            >
              Remove
            </button>
          </div>
          {about?.(site)}
        </li>
      ))}
    </ul>
  );
}

/** A site as people know it: the usual beginning of its address goes without saying. */
const named = (site: string): string => site.replace(/^https:\/\//, '');
