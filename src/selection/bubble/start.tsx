import { render } from 'preact';
import { ask, type Complaint, isAlive } from '../extension';
import type { Finished } from '../finished';
import { focused, giveBack } from '../keyboard';
import { type Layer, openLayer } from '../layer';
import { readSelection } from '../read';
import { sheetWith } from '../sheet';
import { type Sight, watchSight } from '../sight';
import own from './bubble.css?inline';
import { List, type Named } from './list';
import { moveInMenu } from './menu-keys';
import { placeBeside } from './place';
import { suits } from './suits';
import { isSame, type Spot, selectAgain, spotOf } from './where';

/** A double click may still become a triple one, and a selection a drag. Ms. */
const SETTLES = 120;
/** How long what the background said of prompts and settings is good. Ms. */
const GOOD_FOR = 60_000;
/** As much as a prompt can have. */
const MOST = 100_000;

type Listing = { prompts: readonly Named[]; modifier: 'Alt' | 'Control' | 'Shift' | null; code: boolean };

interface Shown {
  readonly layer: Layer;
  readonly sight: Sight;
  readonly panel: HTMLElement;
  readonly spot: Spot;
  readonly at: Finished['at'];
  readonly ended: AbortController;
  readonly before: HTMLElement | undefined;
}

/** Shows a small button beside what a person has selected, and the saved prompts when it is pressed. */
export function start(): void {
  if (globalThis.runkeyBubble) return;
  let listing: (Listing & { at: number }) | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;
  let shown: Shown | undefined;
  let last: Spot | undefined;
  let open = false;
  let complaint: Complaint | undefined;

  const list = async (goodFor = GOOD_FOR): Promise<Listing | undefined> => {
    if (listing && Date.now() - listing.at < goodFor) return listing;
    const answer = await ask('prompts.list', {});
    if (answer.ok) listing = { ...answer.value, at: Date.now() };
    else if (answer.failure.code === 'refused') {
      // Switched off for this site, in another tab or in the options.
      listing = undefined;
      silence();
    }
    return listing;
  };

  const silence = (): void => {
    hide();
    clearTimeout(settling);
    globalThis.runkeyResident?.stop();
    removeEventListener('keydown', onModifier, { capture: true });
  };

  const finished = (selection: Finished | undefined): void => {
    clearTimeout(settling);
    if (!selection) last = undefined;
    else settling = setTimeout(() => void settle(selection), SETTLES);
  };
  const settle = async ({ held, at, again }: Finished): Promise<void> => {
    if (!isAlive()) return silence();
    const said = await list();
    if (!said || (said.modifier && !held.includes(said.modifier))) return;
    const selected = readSelection(MOST);
    const spot = selected && spotOf();
    if (!selected || !spot || !suits(selected, spot.within, said.code)) return hide();
    // What was sent away stays away, until something else is selected.
    if (!again && last && isSame(last, spot)) return;
    last = spot;
    show(spot, at);
  };

  /** With a modifier key, what was selected before gets its bubble once that is pressed. */
  const onModifier = (event: KeyboardEvent): void => {
    if (!event.isTrusted || event.repeat || shown || !listing?.modifier) return;
    if (event.key === listing.modifier) finished({ held: [listing.modifier], again: true });
  };
  addEventListener('keydown', onModifier, { capture: true, passive: true });

  const show = (spot: Spot, at: Finished['at'], about?: Complaint): void => {
    hide();
    const before = focused();
    let sight: Sight | undefined;
    const layer = openLayer({ css: sheetWith(own), lost: hide, moved: () => sight?.renew() });
    const { panel } = layer;
    panel.role = 'region';
    panel.ariaLabel = 'Runkey';
    const ended = new AbortController();
    open = false;
    complaint = about;
    sight = watchSight(panel, layer.raise);
    shown = { layer, sight, panel, spot, at, ended, before };
    draw();
    if (stand(at)) watch(shown);
    else hide();
  };

  const draw = (): void => {
    if (!shown) return;
    const { prompts = [] } = listing ?? {};
    render(
      <List prompts={prompts} open={open} complaint={complaint} toggle={toggle} pick={pick} off={off} />,
      shown.panel,
    );
  };

  /** Puts it in its place; false: there is none. */
  const stand = (at?: Finished['at']): boolean => {
    if (!shown) return false;
    const { panel, spot } = shown;
    const { width, height } = panel.getBoundingClientRect();
    const view = { width: document.documentElement.clientWidth, height: innerHeight };
    const boxes = spot.boxes();
    const place =
      placeBeside(boxes, { width, height }, view, spot.rightToLeft) ??
      // The end of a long selection is out of view: then where the person is.
      (at &&
        placeBeside(
          [...boxes, { left: at.x, right: at.x, top: at.y, bottom: at.y }],
          { width, height },
          view,
        ));
    if (!place) return false;
    panel.style.inset = `${place.top}px auto auto ${place.left}px`;
    return true;
  };

  const hide = (): void => {
    if (!shown) return;
    const { layer, sight, panel, spot, ended, before } = shown;
    const inside = document.activeElement === layer.host;
    shown = undefined;
    open = false;
    ended.abort();
    sight.close();
    render(null, panel);
    layer.close();
    if (!inside) return;
    giveBack(before, layer.host);
    selectAgain(spot);
  };

  const toggle = (event: Event): void => {
    if (!event.isTrusted || !shown) return;
    open = !open;
    complaint = undefined;
    draw();
    shown.sight.renew();
    if (open) {
      if (!stand()) keepInView();
      shown.layer.root.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
      void list(0).then(draw);
    }
  };
  const keepInView = (): void => {
    if (!shown) return;
    const { panel } = shown;
    const { left, top, width, height } = panel.getBoundingClientRect();
    const x = Math.max(0, Math.min(left, document.documentElement.clientWidth - width));
    const y = Math.max(0, Math.min(top, innerHeight - height));
    panel.style.inset = `${y}px auto auto ${x}px`;
  };

  const pick =
    ({ id }: Named) =>
    async (event: Event): Promise<void> => {
      if (!shown) return;
      const message = shown.sight.refusal(event);
      if (message) {
        complaint = { message };
        return draw();
      }
      const { spot, at } = shown;
      // What was selected in a field is read where the keyboard is.
      hide();
      const answer = await ask('prompts.pick', { prompt: id });
      if (answer.ok) return;
      if (!isAlive()) return silence();
      listing = listing && { ...listing, at: 0 };
      if (shown) return;
      show(spot, at, answer.failure);
    };
  const off = (event: Event): void => {
    if (!event.isTrusted) return;
    void ask('site.off', {});
    silence();
  };

  /** While it shows, and no longer. */
  const watch = ({ layer, ended, spot }: Shown): void => {
    const { root, host } = layer;
    const passive = { capture: true, passive: true, signal: ended.signal };
    const elsewhere = (event: Event): void => {
      if (event.isTrusted && event.target !== host) hide();
    };
    addEventListener('pointerdown', elsewhere, passive);
    addEventListener('copy', elsewhere, passive);
    addEventListener('dragstart', elsewhere, passive);
    addEventListener('resize', hide, { signal: ended.signal });
    let frame = 0;
    const follow = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (shown && !open && !stand()) hide();
      });
    };
    addEventListener('scroll', follow, passive);
    addEventListener(
      'keydown',
      event => {
        if (!event.isTrusted || event.target === host) return;
        if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
        // The next stop after what is selected. Where text is written, Tab is the page's.
        const tab = event.key === 'Tab' && !event.shiftKey && !event.ctrlKey && !event.altKey;
        if (tab && !isEditable(spot.within)) {
          event.preventDefault();
          event.stopPropagation();
          root.querySelector('button')?.focus();
        } else hide();
      },
      { capture: true, signal: ended.signal },
    );
    addEventListener(
      'keyup',
      event => {
        if (!event.isTrusted || event.key !== listing?.modifier) return;
        if (!open && document.activeElement !== host) hide();
      },
      passive,
    );
    // A press of the button keeps the focus, and with it the selection, where it is.
    root.addEventListener('mousedown', event => event.preventDefault());
    root.addEventListener('keydown', event => {
      if (!(event instanceof KeyboardEvent)) return;
      event.stopPropagation();
      if (!event.isTrusted) return;
      if (event.key === 'Escape') {
        event.preventDefault();
        if (!open) return hide();
        open = false;
        draw();
        root.querySelector('button')?.focus();
      } else if (event.key === 'Tab') {
        hide();
      } else if (event.repeat && event.key === 'Enter') event.preventDefault();
      else if (open && moveInMenu(event, root)) event.preventDefault();
    });
  };

  globalThis.runkeyBubble = finished;
  const waiting = globalThis.runkeyFinished;
  globalThis.runkeyFinished = undefined;
  if (waiting) finished(waiting);
}

const isEditable = (element: Element | null): boolean =>
  element instanceof HTMLTextAreaElement ||
  element instanceof HTMLInputElement ||
  (element instanceof HTMLElement && element.isContentEditable);
