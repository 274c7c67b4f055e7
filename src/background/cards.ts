import * as v from 'valibot';
import browser from 'webextension-polyfill';
import type { Call } from '../calls/call';
import type { Card, CardEvent, CardFace } from '../messages/card';
import { faceOf, failed, GONE } from './card-face';

/** In storage.session, which no page and no content script can read, and which is never on the disk. */
const CARDS = 'cards';
/** How many are remembered at most. */
const MOST = 20;
/** How long one that has no call yet is remembered, ms. */
const REMEMBERED = 10 * 60_000;
/** How long what waits for the vault goes on by itself once it is unlocked where it is named, ms. */
const WAITS = 2 * 60_000;

const Place = v.object({
  tab: v.number(),
  /** The top document, by the browser's own id. */
  document: v.string(),
  /** The frame in which something was selected. */
  frame: v.number(),
});

const StoredCard = v.object({
  id: v.string(),
  /** Ms since the epoch. */
  at: v.number(),
  title: v.string(),
  words: v.string(),
  /** Where it shows; absent: no script may run on that page. */
  place: v.exactOptional(Place),
  editable: v.boolean(),
  site: v.exactOptional(v.string()),
  private: v.exactOptional(v.literal(true)),
  offer: v.exactOptional(v.string()),
  /** What `Run` makes of it. */
  wish: v.exactOptional(
    v.object({
      prompt: v.string(),
      service: v.string(),
      operation: v.string(),
      key: v.exactOptional(v.string()),
      values: v.record(v.string(), v.string()),
      price: v.exactOptional(v.number()),
    }),
  ),
  /** `Run` was pressed in the page of a browser that cannot tell what is seen there: it waits for the popup's. */
  elsewhere: v.exactOptional(v.literal(true)),
  /** The person has said already that it is to run, but the vault was locked. */
  said: v.exactOptional(v.literal(true)),
  secret: v.exactOptional(v.object({ what: v.string(), text: v.string() })),
  failure: v.exactOptional(v.object({ message: v.string(), next: v.exactOptional(v.string()) })),
  call: v.exactOptional(v.string()),
});
export type StoredCard = v.InferOutput<typeof StoredCard>;
export type Wish = NonNullable<StoredCard['wish']>;

/** Whose a card is: the browser's word for a document of a tab. */
export interface Owner {
  readonly tab: number;
  readonly document: string;
}

interface Around {
  readonly isOpen: () => Promise<boolean>;
  /** A call by its id. Rejects where it is gone, or the vault is locked. */
  readonly call: (id: string) => Promise<Call>;
  /** What a card shows before it runs. Rejects where it could not run. */
  readonly ready: (wish: Wish) => Promise<Extract<CardFace, { type: 'ready' }>>;
  /** The id of the key that it would run with now. Rejects where there is none. */
  readonly keyOf: (wish: Wish) => Promise<string>;
  /** What is told to pages has changed. */
  readonly changed: () => void;
}

/** The cards in pages: what waits to be run and what runs, each for one document alone. */
export class Cards {
  private readonly ports = new Map<(event: CardEvent) => void, Owner>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly around: Around) {}

  /** Remembers one; another one of the same document gives way, and its call goes on. */
  async put(card: StoredCard): Promise<void> {
    const { place } = card;
    const ofSameDocument = (other: StoredCard) =>
      place !== undefined && other.place?.tab === place.tab && other.place.document === place.document;
    await this.change(cards => [
      card,
      ...cards.filter(other => other.id !== card.id && !ofSameDocument(other)),
    ]);
    await this.tell(card);
    this.around.changed();
  }

  /** The card, if it is that document's, or whoever asks is one of our own pages. */
  async find(id: string, owner?: Owner): Promise<StoredCard | undefined> {
    const card = (await this.all()).find(one => one.id === id);
    return card && (!owner || isOf(card, owner)) ? card : undefined;
  }

  /** Changes one as it is by then: what was closed, erased or run meanwhile stays so. */
  async update(id: string, edit: (card: StoredCard) => StoredCard): Promise<void> {
    await this.change(cards => cards.map(one => (one.id === id ? edit(one) : one)));
    const card = await this.find(id);
    if (card) await this.tell(card);
    this.around.changed();
  }

  /** Gives a card that has not run its call; false where it has one, or is gone. The journal has its wish from then on. */
  async take(id: string, call: string): Promise<boolean> {
    let taken = false;
    await this.change(cards =>
      cards.map(card => {
        if (card.id !== id || card.call !== undefined) return card;
        taken = true;
        const { said: _, wish: __, elsewhere: ___, ...rest } = card;
        return { ...rest, call };
      }),
    );
    return taken;
  }

  async drop(id: string): Promise<void> {
    const card = await this.find(id);
    await this.change(cards => cards.filter(one => one.id !== id));
    if (card?.place) this.send(card.place, { card: null });
    this.around.changed();
  }

  /** Forgets those of a tab or document that is gone, of all private windows, or every one. */
  async forget(which: { tab: number; document?: string } | 'private' | 'all'): Promise<void> {
    const isMeant = ({ place, private: incognito }: StoredCard) => {
      if (typeof which !== 'object') return which === 'all' || incognito === true;
      const { tab, document = place?.document } = which;
      return place?.tab === tab && place.document === document;
    };
    const before = await this.all();
    await this.change(cards => cards.filter(card => !isMeant(card)));
    for (const card of before) if (card.place && isMeant(card)) this.send(card.place, { card: null });
  }

  /** Those that have not run, newest first: for the popup, which shows them where they cannot show themselves. */
  async waiting(): Promise<readonly StoredCard[]> {
    return (await this.all()).filter(
      ({ wish, call, failure, said, elsewhere, place }) =>
        wish && !call && !failure && (said || elsewhere || place === undefined),
    );
  }

  /** Those that the person wanted to run and that are to go on now. */
  async due(): Promise<readonly StoredCard[]> {
    return (await this.waiting()).filter(card => goesOnUntil(card) !== undefined);
  }

  watch(owner: Owner, send: (event: CardEvent) => void): () => void {
    this.ports.set(send, owner);
    void this.all().then(async cards => {
      const card = cards.find(one => isOf(one, owner));
      send({ card: card ? await this.view(card) : null });
    });
    return () => this.ports.delete(send);
  }

  /** A call has changed: its card shows it. */
  async tellCall(call: Call): Promise<void> {
    if (this.ports.size === 0) return;
    const card = (await this.all()).find(one => one.call === call.id);
    if (card) await this.tell(card, call);
  }

  /** The vault was locked or opened: every card shows what may be shown now. */
  async tellAll(): Promise<void> {
    if (this.ports.size === 0) return;
    for (const card of await this.all()) await this.tell(card);
  }

  private async tell(card: StoredCard, call?: Call): Promise<void> {
    if (!card.place || !this.isWatched(card.place)) return;
    this.send(card.place, { card: await this.view(card, call) });
  }

  private isWatched(owner: Owner): boolean {
    return [...this.ports.values()].some(one => same(one, owner));
  }

  private send(owner: Owner, event: CardEvent): void {
    for (const [send, of] of this.ports) if (same(of, owner)) send(event);
  }

  private async view(stored: StoredCard, call?: Call): Promise<Card> {
    const card = await this.settled(stored);
    const { id, title, words, editable, offer } = card;
    const face = await this.face(card, call);
    return { id, title, words, face, insert: editable, ...(offer && { offer }) };
  }

  /** With the key that it is shown with: it runs with no other. */
  private async settled(card: StoredCard): Promise<StoredCard> {
    const { wish } = card;
    if (!wish || wish.key || card.call || !(await this.around.isOpen())) return card;
    const key = await this.around.keyOf(wish).catch(() => undefined);
    if (!key) return card;
    const settle = (one: StoredCard) => (one.wish ? { ...one, wish: { ...one.wish, key } } : one);
    await this.change(cards => cards.map(one => (one.id === card.id ? settle(one) : one)));
    return settle(card);
  }

  private async face(card: StoredCard, told?: Call): Promise<CardFace> {
    const { secret, failure, wish } = card;
    if (secret) return { type: 'secret', what: secret.what };
    if (failure) return { type: 'ended', how: 'failed', items: [], ...failure };
    if (!(await this.around.isOpen())) return { type: 'locked' };
    try {
      if (card.call) return faceOf(told ?? (await this.around.call(card.call)));
      if (wish) return { ...(await this.around.ready(wish)), ...(card.elsewhere && { elsewhere: true }) };
    } catch (thrown) {
      return failed(thrown);
    }
    return GONE;
  }

  private async all(): Promise<readonly StoredCard[]> {
    await this.turn;
    return this.read();
  }

  private async read(): Promise<readonly StoredCard[]> {
    const { [CARDS]: kept } = await browser.storage.session.get(CARDS);
    const now = Date.now();
    return (Array.isArray(kept) ? kept : []).filter(
      (one): one is StoredCard =>
        v.is(StoredCard, one) && (one.call !== undefined || Math.abs(now - one.at) < REMEMBERED),
    );
  }

  /** One change after another: each sees what the one before it left. Rejects where the browser has no room. */
  private change(make: (cards: readonly StoredCard[]) => readonly StoredCard[]): Promise<void> {
    const done = this.turn.then(async () => {
      await browser.storage.session.set({ [CARDS]: make(await this.read()).slice(0, MOST) });
    });
    this.turn = done.catch(() => {});
    return done;
  }
}

/** Until when one goes on by itself once the vault is unlocked, ms since the epoch; undefined: not any more. */
export const goesOnUntil = ({ said, at }: StoredCard): number | undefined =>
  said && Math.abs(Date.now() - at) < WAITS ? at + WAITS : undefined;

const same = (one: Owner, other: Owner): boolean => one.tab === other.tab && one.document === other.document;

const isOf = ({ place }: StoredCard, owner: Owner): boolean => place !== undefined && same(place, owner);
