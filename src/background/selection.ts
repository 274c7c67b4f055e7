import browser, { type Tabs } from 'webextension-polyfill';
import type { Calls } from '../calls/calls';
import type { Preferences } from '../calls/preferences';
import { Failure } from '../failure';
import type { BodyOf, ContentAsks, PageAsks, Waiting } from '../messages/contract';
import type { Sender } from '../messages/sender';
import { bring, takeBrought } from './brought';
import type { Bubble } from './bubble';
import { sliceOf } from './calls';
import { goesOnUntil, type StoredCard } from './cards';
import type { Menu } from './menu';
import { insertInto } from './page-text';
import type { PromptRunner } from './prompts';
import { offerSecret, takeSecret } from './secret';
import { siteOf } from './site';

type Page<N extends keyof PageAsks> = BodyOf<PageAsks, N>;
type Content<N extends keyof ContentAsks> = BodyOf<ContentAsks, N>;
type Frame = Extract<Sender, { kind: 'content' }>;

interface Around {
  readonly runner: PromptRunner;
  readonly bubble: Bubble;
  readonly menu: Menu;
  readonly preferences: () => Promise<Preferences>;
  readonly calls: () => Promise<Calls>;
  /** What pages are told has changed. */
  readonly changed: () => void;
}

/** The handlers of the door that concern saved prompts and selected text, for our own pages. */
export function promptHandlers({ runner, bubble, menu, preferences, changed }: Around) {
  return {
    'prompts.get': async () => ({ prompts: await (await preferences()).prompts() }),
    'prompts.set': async ({ prompts }: Page<'prompts.set'>) => {
      await (await preferences()).setPrompts(prompts);
      await menu.build();
    },
    'settings.selection': () => bubble.settings(),
    'settings.setSelection': ({ selection }: Page<'settings.setSelection'>) => bubble.change(() => selection),
    'selection.take': takeBrought,
    'selection.run': async ({ card: id }: Page<'selection.run'>) => {
      const card = await runner.cards.find(id);
      const started = card && (await runner.run(card));
      changed();
      if (started) return started;
      const { failure } = (await runner.cards.find(id)) ?? {};
      throw new Failure('call-missing', failure?.message ?? 'This no longer waits.', {
        ...(failure?.next && { next: failure.next }),
      });
    },
    'selection.discard': async ({ card }: Page<'selection.discard'>) => runner.cards.drop(card),
    'selection.takeSecret': takeSecret,
  };
}

/** The handlers for content scripts: each may do with its own document's card what the card shows, and no more. */
export function contentHandlers({ runner, bubble, preferences, calls }: Around) {
  const own = async (id: string, from: Frame): Promise<StoredCard> => {
    const card = await runner.cards.find(id, from);
    if (card) return card;
    throw new Failure('refused', 'That card is not of this page.');
  };
  const called = async (id: string, from: Frame): Promise<{ card: StoredCard; call: string }> => {
    const card = await own(id, from);
    if (card.call === undefined) throw new Failure('refused', 'That card has not been run.');
    return { card, call: card.call };
  };

  /** What the bubble asks is answered where the person wants it, and nowhere else. */
  const where = async (from: Frame): Promise<{ page: Tabs.Tab; site: string }> => {
    const page = await browser.tabs.get(from.tab);
    const site = siteOf(page.url);
    if (site !== undefined && (await bubble.isOn(site))) return { page, site };
    throw new Failure('refused', 'Runkey is not switched on for this site.');
  };

  return {
    'bubble.wanted': async (_: unknown, from: Frame) => {
      await where(from);
      await bubble.showIn(from.tab, from.frame);
    },
    'prompts.list': async (_: unknown, from: Frame) => {
      await where(from);
      const [prompts, { modifier, code }] = await Promise.all([
        (await preferences()).prompts(),
        bubble.settings(),
      ]);
      const named = prompts.filter(({ on }) => on === 'text').map(({ id, name }) => ({ id, name }));
      return { prompts: named, modifier, code };
    },
    'prompts.pick': async ({ prompt: id }: Content<'prompts.pick'>, from: Frame) => {
      const prompt = (await (await preferences()).prompts()).find(one => one.id === id && one.on === 'text');
      if (!prompt) throw new Failure('bad-request', 'There is no such prompt any more.');
      const { page } = await where(from);
      await runner.begin({
        by: 'bubble',
        prompt,
        where: { tab: from.tab, frame: from.frame },
        incognito: page.incognito,
        page: { title: page.title ?? '', url: page.url ?? '' },
      });
    },
    'card.run': async ({ card }: Content<'card.run'>, from: Frame) => {
      await runner.runInPage(await own(card, from));
    },
    'card.cancel': async ({ card }: Content<'card.cancel'>, from: Frame) =>
      (await calls()).cancel((await called(card, from)).call),
    'card.media': async ({ card, media, from: start }: Content<'card.media'>, from: Frame) =>
      sliceOf(await (await calls()).media((await called(card, from)).call, media), start),
    'card.insert': async ({ card: id, item }: Content<'card.insert'>, from: Frame) => {
      const { card, call } = await called(id, from);
      const { state } = await (await calls()).look(call);
      const found = 'items' in state ? state.items.find(({ id }) => id === item) : undefined;
      if (found?.kind !== 'text' || !card.place) return { inserted: false };
      const { tab, frame } = card.place;
      return { inserted: await insertInto({ tab, frame }, found.text, id) };
    },
    'card.open': async ({ card }: Content<'card.open'>, from: Frame) => runner.openIn(await own(card, from)),
    'card.keep': async ({ card: id }: Content<'card.keep'>, from: Frame) => {
      const { secret } = await own(id, from);
      if (!secret) throw new Failure('refused', 'There is no secret in that card.');
      await offerSecret(secret.text);
      await runner.cards.drop(id);
    },
    'card.offer': async ({ card: id }: Content<'card.offer'>, from: Frame) => {
      const { offer } = await own(id, from);
      if (offer) await bring({ offer });
    },
    'card.close': async ({ card }: Content<'card.close'>, from: Frame) => {
      const { id } = await own(card, from);
      await runner.cards.drop(id);
    },
    'site.off': async (_: unknown, from: Frame) => bubble.off((await where(from)).site),
  };
}

/** What waits for the vault, as pages are told. */
export async function waitingOf({ cards }: PromptRunner): Promise<readonly Waiting[]> {
  return (await cards.waiting()).map(card => {
    const { id, title, words, site, wish, private: incognito } = card;
    const until = goesOnUntil(card);
    return {
      ...{ card: id, title, words },
      ...(until !== undefined && { until }),
      ...(incognito && { private: incognito }),
      ...(site && { site }),
      ...(wish?.price !== undefined && { price: wish.price }),
    };
  });
}
