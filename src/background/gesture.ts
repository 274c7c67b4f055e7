import type { Preferences } from '../calls/preferences';
import type { Prompt } from '../calls/prompt';
import { fill } from '../calls/template';
import { Failure, reportOf } from '../failure';
import { scrub, secretsIn } from '../guard/shapes';
import type { Operation } from '../services/about';
import { operationOf } from '../services/abouts';
import { check, initialValues, type Values } from '../services/fields';
import type { StoredCard, Wish } from './cards';
import { readPicture, readText, type Where } from './page-text';
import { isPrivateText } from './private-text';
import { siteOf } from './site';

/** How many characters name what was selected. */
const FIRST_WORDS = 80;
/** A picture by its address, which its service fetches. */
const LONGEST_ADDRESS = 2_000;

const NOTHING = {
  message: 'Nothing is selected where Runkey can look.',
  next: 'Select some text and do it again. In a frame of another site, use the right-click menu.',
};
const PRIVATE = {
  message: 'Runkey does not read this field: it is for a password, a card or a code.',
  next: 'Nothing was sent.',
};

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
export interface Taken {
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

/** What is selected or pointed at, as far as it may be looked at. `card` is what it is for. */
export async function take({ prompt, where, text, picture, page }: Gesture, card: string): Promise<Taken> {
  const around = { title: page?.title ?? '', url: page?.url ?? '' };
  const nothing = { ...around, text: '', editable: false, frame: where.frame ?? 0 };
  if (prompt.on === 'image') {
    const bytes = picture && (await readPicture(where, picture));
    const address = picture?.startsWith('https:') && picture.length <= LONGEST_ADDRESS ? picture : undefined;
    const host = bytes ? undefined : address && new URL(address).host;
    return { ...nothing, picture: bytes ?? address ?? '', ...(host && { host }) };
  }
  const read = await readText(where, card);
  if (read && read !== 'none') return read;
  return { ...nothing, text: text ?? '' };
}

/** What a card waits with, or why it does not. */
export async function cardOf(
  gesture: Gesture,
  id: string,
  taken: Taken,
  preferences: () => Promise<Preferences>,
): Promise<StoredCard> {
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
    const set = await preferences();
    const wish = await wishOf(prompt, taken, set);
    const { dear } = await set.money();
    // What has no price in dollars is under no limit: it waits for `Run`.
    const cheap = wish.price !== undefined && wish.price < dear;
    const said = gesture.by !== 'bubble' && cheap && !taken.host;
    return { ...card, wish, ...(said && { said: true }) };
  } catch (thrown) {
    const { message, next } = reportOf(thrown);
    return { ...card, failure: { message, ...(next && { next }) } };
  }
}

/** The field that a picture goes into: the one that the task needs. */
export const pictureOf = ({ fields }: Operation): string | undefined =>
  fields.find(({ kind, optional }) => kind === 'image' && !optional)?.name;

/** Throws `bad-input` where the task does not take it, `bad-request` where there is no such task any more. */
async function wishOf(prompt: Prompt, taken: Taken, preferences: Preferences): Promise<Wish> {
  const { service, operation, key, template } = prompt;
  const task = operationOf(service, operation);
  const given: Values = { ...initialValues(task.fields), ...prompt.values };
  // Addresses carry tokens: what looks like a secret there goes nowhere.
  const around = { title: scrub(taken.title), url: scrub(taken.url) };
  const filled = fill(template, { selection: taken.text, ...around }, task.obeys === true);
  if (template.trim() !== '' && task.fields.some(({ name }) => name === 'prompt')) given.prompt = filled;
  const pictured = pictureOf(task);
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
  const counted = task.price || task.free;
  const price = counted ? await preferences.estimate(service, operation, values) : undefined;
  return {
    ...{ prompt: prompt.id, service, operation, values },
    ...(key && { key }),
    ...(price !== undefined && { price }),
  };
}

function firstWords(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > FIRST_WORDS ? `${line.slice(0, FIRST_WORDS).trimEnd()}…` : line;
}
