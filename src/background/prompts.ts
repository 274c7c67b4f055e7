import browser from 'webextension-polyfill';
import type { Calls } from '../calls/calls';
import type { Preferences } from '../calls/preferences';
import type { Prompt } from '../calls/prompt';
import { fill } from '../calls/template';
import { Failure, reportOf } from '../failure';
import { scrub, secretsIn } from '../guard/shapes';
import type { CardFace } from '../messages/card';
import showCard from '../selection/card.iife.ts?script';
import type { Operation } from '../services/about';
import { aboutOf, operationOf, originsOf } from '../services/abouts';
import { check, initialValues, type Values } from '../services/fields';
import type { KeyEntry } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { bring, openPopup } from './brought';
import { Cards, type StoredCard } from './cards';
import { readPicture, readText, type Where } from './page-text';
import { isPrivateText } from './private-text';
import { offerSecret } from './secret';

type Wish = NonNullable<StoredCard['wish']>;

/** How many characters name what was selected. */
const FIRST_WORDS = 80;
/** A picture by its address, which its service fetches. */
const LONGEST_ADDRESS = 2_000;

interface Rooms {
  readonly vault: Vault;
  readonly calls: Calls;
  readonly preferences: Preferences;
}

/** What a person did: a menu and a shortcut are their say-so below the price they set, the bubble is not. */
export interface Gesture {
  readonly by: 'menu' | 'shortcut' | 'bubble';
  readonly prompt: Prompt;
  readonly where: Where;
  readonly incognito?: boolean;
  /** What the browser itself says was selected, where no script may look. */
  readonly text?: string;
  /** The page in the tab. */
  readonly page?: { readonly title: string; readonly url: string };
  /** The address of the picture that was clicked on. */
  readonly picture?: string;
  /** The site on which the bubble is to be offered. */
  readonly offer?: string;
}

/** What was taken from the page. */
interface Taken {
  readonly text: string;
  readonly title: string;
  readonly url: string;
  readonly editable: boolean;
  readonly frame: number;
  /** It is in a field for a password, a card's number or the like. */
  readonly private?: true;
  readonly picture?: string;
  /** The host of a picture whose service has to fetch it. */
  readonly host?: string;
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
    const taken = await this.take(gesture, id);
    const card = await this.cardOf(gesture, id, taken);
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
    const { said: _, wish: __, elsewhere: ___, ...rest } = card;
    const id = crypto.randomUUID();
    try {
      // Before the call is made: a second press, or another run of the background, finds nothing to run.
      if (!(await this.cards.take(card.id, id))) return undefined;
      const { vault, calls } = await this.rooms();
      const key = await keyFor(vault, wish);
      const { operation, values } = wish;
      const more = { ...(site && { site }), ...(card.private && { private: card.private }) };
      await calls.start({ id, key: key.id, operation, values, ...more });
      await this.cards.update({ ...rest, call: id });
      return { id };
    } catch (thrown) {
      const { message, next } = reportOf(thrown);
      await this.cards.update({ ...rest, failure: { message, ...(next && { next }) } });
      return undefined;
    }
  }

  /**
   * `Run` in a page. Where the browser cannot tell whether a person sees what they press (Firefox has no
   * IntersectionObserver v2), what may cost something is confirmed in the popup, which no page can cover.
   */
  async runInPage(card: StoredCard): Promise<void> {
    if (SEES || card.wish?.price === 0) return void (await this.run(card));
    await this.cards.update({ ...card, elsewhere: true });
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

  private async take({ prompt, where, text, picture, page }: Gesture, card: string): Promise<Taken> {
    const around = { title: page?.title ?? '', url: page?.url ?? '' };
    const nothing = { ...around, text: '', editable: false, frame: where.frame ?? 0 };
    if (prompt.on === 'image') {
      const bytes = picture && (await readPicture(where, picture));
      const address =
        picture?.startsWith('https:') && picture.length <= LONGEST_ADDRESS ? picture : undefined;
      const host = bytes ? undefined : address && new URL(address).host;
      return { ...nothing, picture: bytes ?? address ?? '', ...(host && { host }) };
    }
    const read = await readText(where, card);
    if (read && read !== 'none') return read;
    return { ...nothing, text: text ?? '' };
  }

  private async cardOf(gesture: Gesture, id: string, taken: Taken): Promise<StoredCard> {
    const { prompt, incognito, offer } = gesture;
    const site = siteOf(gesture.page?.url ?? taken.url);
    const hidden = taken.private || isPrivateText(taken.text);
    const card: StoredCard = {
      id,
      at: Date.now(),
      title: prompt.name,
      words: hidden ? '' : prompt.on === 'image' ? (taken.host ?? 'A picture') : firstWords(taken.text),
      editable: taken.editable,
      ...(site && !incognito && { site }),
      ...(incognito && { private: true }),
      ...(offer && { offer }),
    };
    if (hidden) return { ...card, failure: PRIVATE };
    if (prompt.on === 'text' && taken.text.trim() === '') return { ...card, failure: NOTHING };
    const [secret] = secretsIn(taken.text);
    if (secret) {
      const { start, end, shape } = secret;
      const text = taken.text.slice(start, end);
      return { ...card, words: '', secret: { what: shape.what, text } };
    }
    try {
      const wish = await this.wishOf(prompt, taken);
      const { dear } = await (await this.rooms()).preferences.money();
      // What has no price in dollars is under no limit: it waits for `Run`.
      const cheap = wish.price !== undefined && wish.price < dear;
      const said = gesture.by !== 'bubble' && cheap && !taken.host;
      return { ...card, wish, ...(said && { said: true }) };
    } catch (thrown) {
      const { message, next } = reportOf(thrown);
      return { ...card, failure: { message, ...(next && { next }) } };
    }
  }

  /** Throws `bad-input` where the task does not take it, `bad-request` where there is no such task any more. */
  private async wishOf(prompt: Prompt, taken: Taken): Promise<Wish> {
    const { service, operation, key, template } = prompt;
    const task = operationOf(service, operation);
    const given: Values = { ...initialValues(task.fields), ...prompt.values };
    // Addresses carry tokens: what looks like a secret there goes nowhere.
    const around = { title: scrub(taken.title), url: scrub(taken.url) };
    const filled = fill(template, { selection: taken.text, ...around }, task.obeys === true);
    if (template.trim() !== '' && has(task, 'prompt')) given.prompt = filled;
    const pictured = task.fields.find(({ kind }) => kind === 'image')?.name;
    if (taken.picture !== undefined && pictured) given[pictured] = taken.picture;
    const { values, faults } = check(task.fields, given);
    const [fault] = Object.values(faults);
    if (taken.picture === '')
      throw new Failure(
        'bad-input',
        'The page does not let this picture be read, and it has no https address.',
        {
          next: 'Save it, and choose the file in Runkey’s popup.',
        },
      );
    if (fault)
      throw new Failure('bad-input', fault, {
        next: 'Select less of it or something else, or change the prompt in Runkey’s options.',
      });
    const { preferences } = await this.rooms();
    const counted = task.price || task.free;
    const price = counted ? await preferences.estimate(service, operation, values) : undefined;
    return {
      ...{ prompt: prompt.id, service, operation, values },
      ...(key && { key }),
      ...(price !== undefined && { price }),
    };
  }

  private async ready(wish: Wish): Promise<Extract<CardFace, { type: 'ready' }>> {
    const { vault } = await this.rooms();
    const { label, fields } = await keyFor(vault, wish);
    const about = aboutOf(wish.service);
    const [origin = ''] = originsOf(about, fields);
    const { values, operation, price } = wish;
    const picture = operationOf(wish.service, operation).fields.find(({ kind }) => kind === 'image');
    const address = picture && URL.parse(values[picture.name] ?? '');
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
    if (now?.secret) return offerSecret(now.secret.text);
    if (now?.call) return bring({ call: now.call }, incognito);
    if (now?.failure) return bring({ ...(taken.text && { text: taken.text }) }, incognito);
    if (!card.said) await openPopup();
  }
}

const SEES = !browser.runtime.getURL('').startsWith('moz-extension:');

const NOTHING = {
  message: 'Nothing is selected where Runkey can look.',
  next: 'Select some text and do it again. In a frame of another site, use the right-click menu.',
};
const PRIVATE = {
  message: 'Runkey does not read this field: it is for a password, a card or a code.',
  next: 'Nothing was sent.',
};
const tooMuch = ({ picture }: Taken) =>
  picture === undefined
    ? { message: 'That is too large to be kept for a moment.', next: 'Select less of it.' }
    : {
        message: 'There are too many pictures waiting for this one to be kept for a moment.',
        next: 'Close a card with a picture, or choose the file in Runkey’s popup.',
      };

/** A tab's top document, in a browser that has no ids for documents. */
const unnamed = (tab: number): string => `${tab}/0`;

const has = ({ fields }: Operation, field: string): boolean => fields.some(({ name }) => name === field);

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

function firstWords(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > FIRST_WORDS ? `${line.slice(0, FIRST_WORDS).trimEnd()}…` : line;
}

/** The site of a page; pages of the browser and files have none. */
export function siteOf(url: string | undefined): string | undefined {
  const page = url ? URL.parse(url) : null;
  return page && /^https?:$/.test(page.protocol) ? page.origin : undefined;
}
