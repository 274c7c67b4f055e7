import type {} from './finished';
import { isPlain, whatIsOnTop } from './on-top';

/** How long what is pressed must have been in plain sight, where the browser can tell. Ms. */
const SEEN_FOR = 300;
/** How long it must have stood there where it cannot. Ms. */
const STOOD_FOR = 500;
/** How often it is put on top again because of what the page opens, between two comings of a pointer. */
const MOST_RAISES = 10;
/** How far a pointer moves that rests, pixels. */
const NEAR = 30;

declare global {
  interface IntersectionObserverInit {
    trackVisibility?: boolean;
    delay?: number;
  }
  interface IntersectionObserverEntry {
    readonly isVisible?: boolean;
  }
}

const tellsVisibility = 'isVisible' in IntersectionObserverEntry.prototype;

export interface Sight {
  /** Why a press of a key or button does not count, in a line; undefined: it does. */
  refusal(event: Event): string | undefined;
  /** What is pressed has come, changed or moved: the person has to see it first. */
  renew(): void;
  close(): void;
}

const COVERED = 'That did not count: this page covers or changes what Runkey shows.';
const ON_TOP = {
  something: 'That did not count: this page shows something of its own on top. Close that first.',
  unknown: 'That did not count: this page is too large to tell whether something lies on top.',
};
const TOO_SOON = 'That did not count: this had only just appeared. Press it again.';

/**
 * The proof that a person has seen what is pressed: a page can cover, fade and move what stands in it.
 * `raise` puts it on top again, for browsers that cannot tell what is seen.
 */
export function watchSight(panel: HTMLElement, raise: () => void): Sight {
  const ended = new AbortController();
  let since: number | undefined;
  let renewed = performance.now();
  let place = placeOf(panel);
  const renew = (): void => {
    renewed = performance.now();
    place = placeOf(panel);
  };

  const see = (entries: readonly IntersectionObserverEntry[]): void => {
    const last = entries.at(-1);
    if (!last) return;
    const seen = last.isVisible === true && last.intersectionRatio > 0.99;
    since = seen ? (since ?? performance.now()) : undefined;
  };
  const observer = new IntersectionObserver(see, {
    trackVisibility: true,
    delay: 100,
    threshold: [0, 0.5, 0.995, 1],
  });
  const size = new ResizeObserver(() => {
    if (placeOf(panel) !== place) renew();
  });
  size.observe(panel);

  if (tellsVisibility) observer.observe(panel);
  else {
    // What the page has put on top since is below again before anything is pressed.
    let rests: PointerEvent | undefined;
    const above = (event: PointerEvent): void => {
      // What is raised is entered anew by a pointer that has rested on it: that is no reason to raise it again.
      const near = rests && Math.hypot(event.clientX - rests.clientX, event.clientY - rests.clientY) < NEAR;
      rests = event;
      if (near || event.type === 'pointermove') return;
      raises = 0;
      raise();
      renew();
    };
    let raises = 0;
    const opened = (event: Event): void => {
      if (!event.isTrusted || !(event.target instanceof Element) || globalThis.runkeyHosts?.has(event.target))
        return;
      if (event instanceof ToggleEvent && event.newState !== 'open') return;
      renew();
      // Only once it stands there can it be outdone.
      if (event.type === 'beforetoggle' || ++raises > MOST_RAISES) return;
      raise();
    };
    const options = { signal: ended.signal, passive: true };
    panel.addEventListener('pointerenter', above, options);
    panel.addEventListener('pointermove', above, options);
    // What is opened in a shadow root is not told of out here: for that there is the look at the press.
    for (const type of ['beforetoggle', 'toggle', 'fullscreenchange'])
      addEventListener(type, opened, { ...options, capture: true });
  }

  return {
    refusal(event) {
      // A page can make events, but not ones that the browser vouches for.
      if (!event.isTrusted) return TOO_SOON;
      const now = performance.now();
      if (placeOf(panel) !== place) {
        renew();
        return TOO_SOON;
      }
      if (isBent(panel)) return COVERED;
      if (!tellsVisibility) {
        const top = whatIsOnTop(hostOf(panel));
        if (top !== 'nothing') return ON_TOP[top];
        return now - renewed < STOOD_FOR ? TOO_SOON : undefined;
      }
      see(observer.takeRecords());
      if (since === undefined) return now - renewed < SEEN_FOR + 200 ? TOO_SOON : COVERED;
      return now - Math.max(since, renewed) < SEEN_FOR ? TOO_SOON : undefined;
    },
    renew,
    close() {
      ended.abort();
      observer.disconnect();
      size.disconnect();
    },
  };
}

function placeOf(panel: HTMLElement): string {
  const { x, y, width, height } = panel.getBoundingClientRect();
  return [x, y, width, height].map(Math.round).join();
}

/**
 * Whether what it stands in is faded, cut or shrunk. The top layer is out of the reach of most of that, but a
 * page that does it has something to hide.
 */
function isBent(panel: HTMLElement): boolean {
  const host = hostOf(panel);
  if (!isPlain(host) || isInTransition()) return true;
  if (Math.abs(Math.log(host.currentCSSZoom ?? 1)) > 0.2) return true;
  for (let element = host.parentElement; element; element = element.parentElement) {
    const { opacity, clipPath, maskImage, filter } = getComputedStyle(element);
    if (Number(opacity) < 1 || clipPath !== 'none' || maskImage !== 'none' || /opacity|url|blur/.test(filter))
      return true;
  }
  return false;
}

function hostOf(panel: HTMLElement): Element {
  const root = panel.getRootNode();
  return root instanceof ShadowRoot ? root.host : panel;
}

/** Of a page in transition a picture is shown, on top of everything. */
function isInTransition(): boolean {
  const name = ':active-view-transition';
  return CSS.supports(`selector(${name})`) && document.documentElement.matches(name);
}
