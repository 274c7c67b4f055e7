import { render } from 'preact';
import type { Card } from '../../messages/card';
import { type Answer, ask, isAlive } from '../extension';
import { cycle, focused, giveBack } from '../keyboard';
import { openLayer } from '../layer';
import { listen } from '../line';
import { sheetWith } from '../sheet';
import { watchSight } from '../sight';
import own from './card.css?inline';
import { copyPicture, copyText } from './clipboard';
import { Panel } from './panel';
import { loadBytes, loadPicture } from './picture';
import { save } from './save';
import type { Acts, View } from './view';

/** How long a card may take to come once its script is here. Ms. */
const COMES_WITHIN = 10_000;

const NOT_COPIED = {
  message: 'The browser does not let it be copied on this page.',
  next: 'Open it in Runkey, and copy it there.',
};
const NOT_SAVED = {
  message: 'The browser did not save it from this page.',
  next: 'Open it in Runkey, and save it there.',
};
const NOT_INSERTED = {
  message: 'What was selected is gone, has changed, or can no longer be written to.',
  next: 'Copy the answer, and paste it where it belongs.',
};

declare global {
  /** The script is here already, and has a card or waits for one. */
  var runkeyCard: { readonly again: () => void } | undefined;
}

export function start(): void {
  if (globalThis.runkeyCard) {
    globalThis.runkeyCard.again();
    return;
  }
  let shown: ReturnType<typeof show> | undefined;
  let line: ReturnType<typeof listen> | undefined;
  const end = (): void => {
    line?.stop();
    clearTimeout(patience);
    shown?.close();
    globalThis.runkeyCard = undefined;
  };
  const patience = setTimeout(() => {
    if (!shown) end();
  }, COMES_WITHIN);
  line = listen({
    event: ({ card }) => {
      if (card) {
        shown ??= show(card, end, () => line?.mend());
        shown?.tell(card);
      } else if (shown) end();
    },
    orphaned: () => {
      if (shown) shown.orphan();
      else end();
    },
    expecting: () => shown?.expecting() ?? true,
  });
  if (isAlive()) globalThis.runkeyCard = { again: line.again };
}

interface Showing {
  tell(card: Card): void;
  /** Whether its call is under way. */
  expecting(): boolean;
  orphan(): void;
  close(): void;
}

/** Shows a card until it is closed. */
function show(first: Card, end: () => void, mend: () => void): Showing {
  const before = focused();
  let view: View = { card: first, pictures: new Map() };
  let sight: ReturnType<typeof watchSight> | undefined;
  const layer = openLayer({ css: sheetWith(own), lost: end, moved: () => sight?.renew() });
  const { root, host, panel } = layer;
  panel.tabIndex = -1;
  panel.role = 'dialog';
  panel.setAttribute('aria-labelledby', 'title');

  const draw = (more: Partial<View>): void => {
    view = { ...view, ...more };
    const inside = root.activeElement !== null;
    render(<Panel view={view} acts={acts} />, panel);
    // The focus is not lost with the button that had it.
    if (inside && !root.activeElement) panel.focus({ preventScroll: true });
  };
  const focusFirst = (): void => {
    const stop = root.querySelector<HTMLElement>('[data-first]') ?? panel;
    stop.focus({ preventScroll: true });
  };

  /** What counts only once it has been seen. */
  const seen =
    (act: () => void) =>
    (event: Event): void => {
      const message = sight?.refusal(event);
      if (message) draw({ complaint: { message } });
      else act();
    };
  const real =
    (act: () => void) =>
    (event: Event): void => {
      if (event.isTrusted) act();
    };
  let busy = false;
  const send = async (asking: () => Promise<Answer<unknown>>): Promise<void> => {
    if (busy) return;
    busy = true;
    const answer = await asking();
    busy = false;
    mend();
    draw({ complaint: answer.ok ? undefined : answer.failure });
    if (!answer.ok && !isAlive()) draw({ orphaned: true });
  };
  const id = (): { card: string } => ({ card: view.card.id });

  const close = (): void => {
    void ask('card.close', id());
    end();
  };
  const acts: Acts = {
    run: seen(() => void send(() => ask('card.run', id()))),
    cancel: real(() => void send(() => ask('card.cancel', id()))),
    keep: seen(() => void send(() => ask('card.keep', id()))),
    open: real(() => void send(() => ask('card.open', id()))),
    offer: real(() => void send(() => ask('card.offer', id()))),
    close: real(close),
    copy: (item, from) =>
      real(async () => {
        const copied =
          typeof from === 'string' ? await copyText(from) : from !== null && (await copyPicture(from));
        draw(copied ? { copied: item, complaint: undefined } : { complaint: NOT_COPIED });
      }),
    save: item =>
      real(async () => {
        const type = item.kind === 'text' ? 'text/plain' : item.type;
        const bring = async () =>
          item.kind === 'text' ? new Blob([item.text], { type }) : loadBytes(view.card.id, item);
        draw({ complaint: (await save(type, bring)) ? undefined : NOT_SAVED });
      }),
    insert: item =>
      seen(() => {
        // What was selected is written to where the keyboard was.
        giveBack(before, host);
        void send(async () => {
          const answer = await ask('card.insert', { ...id(), item });
          if (!answer.ok) return answer;
          if (!answer.value.inserted) return { ok: false, failure: NOT_INSERTED };
          close();
          return answer;
        });
      }),
  };

  root.addEventListener('keydown', event => {
    if (!(event instanceof KeyboardEvent)) return;
    // Not for the page, and not for a dialog that the card stands in.
    event.stopPropagation();
    if (!event.isTrusted) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    } else if (event.repeat && event.key === 'Enter') event.preventDefault();
    else cycle(event, root);
  });
  for (const type of ['keyup', 'keypress']) root.addEventListener(type, event => event.stopPropagation());

  const bringPictures = (): void => {
    const { card, pictures } = view;
    const items = 'items' in card.face ? card.face.items : [];
    for (const item of items) {
      if (item.kind !== 'image' || pictures.has(item.id) || coming.has(item.id)) continue;
      coming.add(item.id);
      void loadPicture(card.id, item).then(picture => {
        if (view.card.id === card.id) draw({ pictures: new Map(view.pictures).set(item.id, picture) });
      });
    }
  };
  const coming = new Set<string>();

  draw({});
  sight = watchSight(panel, layer.raise);
  focusFirst();
  return {
    tell(card) {
      const another = card.id !== view.card.id;
      const turned = another || card.face.type !== view.card.face.type;
      if (another) coming.clear();
      draw({
        card,
        ...(turned && { complaint: undefined, copied: undefined }),
        ...(another && { pictures: new Map() }),
      });
      // What is pressed now is not what was seen a moment ago.
      if (turned) sight?.renew();
      if (another) layer.raise();
      if (another || (turned && root.activeElement === panel)) focusFirst();
      bringPictures();
    },
    expecting: () => view.card.face.type === 'open',
    orphan: () => draw({ orphaned: true }),
    close() {
      const inside = document.activeElement === host;
      sight?.close();
      render(null, panel);
      layer.close();
      if (inside) giveBack(before, host);
    },
  };
}
