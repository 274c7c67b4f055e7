import browser from 'webextension-polyfill';
import type { Calls } from '../calls/calls';
import type { Preferences } from '../calls/preferences';
import { Failure, reportOf } from '../failure';
import type { CardFace } from '../messages/card';
import showCard from '../selection/card.iife.ts?script';
import { aboutOf, operationOf, originsOf } from '../services/abouts';
import type { KeyEntry } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { bring, openPopup } from './brought';
import { Cards, type StoredCard, type Wish } from './cards';
import { cardOf, type Gesture, pictureOf, type Taken, take } from './gesture';
import { offerSecret } from './secret';

interface Rooms {
  readonly vault: Vault;
  readonly calls: Calls;
  readonly preferences: Preferences;
}

/** Runs saved prompts on what is selected on pages. */
export class PromptRunner {
  readonly cards: Cards;

  constructor(
    private readonly rooms: () => Promise<Rooms>,
    changed: () => void,
  ) {
    this.cards = new Cards({
      isOpen: async () => (await (await rooms()).vault.status()) === 'unlocked',
      call: async id => (await rooms()).calls.look(id),
      ready: wish => this.ready(wish),
      keyOf: async wish => (await keyFor((await rooms()).vault, wish)).id,
      changed,
    });
  }

  /** From the gesture to a card that runs, waits or says why not. Never rejects. */
  async begin(gesture: Gesture): Promise<void> {
    const id = crypto.randomUUID();
    const taken = await take(gesture, id);
    const card = await cardOf(gesture, id, taken, async () => (await this.rooms()).preferences);
    const { tab } = gesture.where;
    // Where documents have no ids, the page that was here before must not be told for this one.
    await this.cards.forget({ tab, document: unnamed(tab) });
    const place = await this.show(tab, taken.frame);
    const placed: StoredCard = place ? { ...card, place } : card;
    try {
      await this.cards.put(placed);
    } catch {
      const { wish: _, said: __, ...bare } = placed;
      await this.cards.put({ ...bare, failure: tooMuch(taken) }).catch(() => {});
      return;
    }
    const { vault } = await this.rooms().catch(() => ({ vault: undefined }));
    const open = (await vault?.status().catch(() => undefined)) === 'unlocked';
    if (placed.said && open) await this.run(placed);
    else if (placed.said) await openPopup();
    if (!place) await this.withoutCard(placed, gesture, taken);
  }

  /** Starts what a card waits with; what goes wrong stands in the card. */
  async run(card: StoredCard): Promise<{ id: string } | undefined> {
    const { wish, site } = card;
    if (!wish || card.call) return undefined;
    const id = crypto.randomUUID();
    try {
      // Before the call is made: a second press, or another run of the background, finds nothing to run.
      if (!(await this.cards.take(card.id, id))) return undefined;
      const { vault, calls } = await this.rooms();
      const key = await keyFor(vault, wish);
      const { operation, values } = wish;
      const more = { ...(site && { site }), ...(card.private && { private: card.private }) };
      await calls.start({ id, key: key.id, operation, values, ...more });
      await this.cards.update(card.id, one => one);
      return { id };
    } catch (thrown) {
      const { message, next } = reportOf(thrown);
      await this.cards.update(card.id, ({ call: _, ...one }) => ({
        ...one,
        failure: { message, ...(next && { next }) },
      }));
      return undefined;
    }
  }

  /**
   * `Run` in a page. Where the browser cannot tell whether a person sees what they press (Firefox has no
   * IntersectionObserver v2), what may cost something is confirmed in the popup, which no page can cover.
   */
  async runInPage(card: StoredCard): Promise<void> {
    if (SEES || card.wish?.price === 0) return void (await this.run(card));
    await this.cards.update(card.id, one => (one.call ? one : { ...one, elsewhere: true }));
    await openPopup();
  }

  /** The vault was unlocked where these were named. */
  async goOn(named: readonly string[]): Promise<void> {
    for (const card of await this.cards.due()) if (named.includes(card.id)) await this.run(card);
  }

  /** Opens a card's call, or what waits, in the popup. */
  async openIn({ call, private: incognito }: StoredCard): Promise<void> {
    if (call) await bring({ call }, incognito);
    else await openPopup();
  }

  private async ready(wish: Wish): Promise<Extract<CardFace, { type: 'ready' }>> {
    const { vault } = await this.rooms();
    const { label, fields } = await keyFor(vault, wish);
    const about = aboutOf(wish.service);
    const [origin = ''] = originsOf(about, fields);
    const { values, operation, price } = wish;
    const picture = pictureOf(operationOf(wish.service, operation));
    const address = picture === undefined ? null : URL.parse(values[picture] ?? '');
    return {
      type: 'ready',
      prompt: values.prompt ?? '',
      ...{ key: label, service: about.label, host: URL.parse(origin)?.host ?? origin },
      ...(price !== undefined && { price }),
      ...(address?.protocol === 'https:' && { picture: address.host }),
    };
  }

  /** Puts the card's script into the tab's top page; undefined where no script may run. */
  private async show(tab: number, frame: number): Promise<StoredCard['place']> {
    const [first] = await browser.scripting
      .executeScript({ target: { tabId: tab, frameIds: [0] }, files: [showCard] })
      .catch(() => []);
    // `documentId` is newer than the polyfill's types.
    const result: { documentId?: string; error?: unknown } | undefined = first;
    if (!result || result.error) return undefined;
    return { tab, document: result.documentId ?? unnamed(tab), frame };
  }

  /** What a card would have said is said by the popup, or by the form of a new key. */
  private async withoutCard(card: StoredCard, { incognito }: Gesture, taken: Taken): Promise<void> {
    const now = await this.cards.find(card.id);
    if (now?.wish) return void (card.said || (await openPopup()));
    // Nobody asks for it any more: what it was made for is with the popup, or with the form.
    await this.cards.drop(card.id);
    if (now?.secret) return offerSecret(now.secret.text);
    if (now?.call) return bring({ call: now.call }, incognito);
    await bring({ ...(taken.text && !taken.private && { text: taken.text }) }, incognito);
  }
}

const SEES = !browser.runtime.getURL('').startsWith('moz-extension:');

const tooMuch = ({ picture }: Taken) =>
  picture === undefined
    ? { message: 'That is too large to be kept for a moment.', next: 'Select less of it.' }
    : {
        message: 'There are too many pictures waiting for this one to be kept for a moment.',
        next: 'Close a card with a picture, or choose the file in Runkey’s popup.',
      };

/** A tab's top document, in a browser that has no ids for documents. */
const unnamed = (tab: number): string => `${tab}/0`;

/** The prompt's own key; else of its service's keys the one that was used last. Throws `key-missing`. */
async function keyFor(vault: Vault, { service, key }: Wish): Promise<KeyEntry> {
  const usable = (await vault.keys.list()).filter(entry => entry.service === service);
  const own = usable.find(({ id }) => id === key);
  if (own) return own;
  if (key !== undefined) {
    throw new Failure('key-missing', 'The key of this prompt was deleted.', {
      next: 'Choose another one for it in Runkey’s options, under Prompts.',
    });
  }
  const used = await vault.uses.latest();
  const [latest] = usable.toSorted((one, other) => (used[other.id] ?? 0) - (used[one.id] ?? 0));
  if (latest) return latest;
  throw new Failure('key-missing', `There is no key of ${aboutOf(service).label} yet.`, {
    next: 'Add one in Runkey’s options.',
  });
}
