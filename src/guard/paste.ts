import type { About } from '../services/about';
import type { Values } from '../services/fields';
import type { Clue } from './clue';
import { gather, type Standing } from './gather';
import { cluesIn } from './lines';
import type { Environment } from './names';
import { place } from './place';
import { isPlaceholder } from './placeholder';
import { secretsIn } from './shapes';

/** A key, or a part of one, that a pasted text holds. */
export interface Found {
  readonly service: string;
  /** By the name of the key field. Each one has passed its field's check; required ones may be missing. */
  readonly values: Values;
  /** A name for the key, where the text tells one key of a service from another. */
  readonly label?: string;
  readonly environment?: Environment;
  /** Such as “line 3, RUNWARE_API_KEY”. */
  readonly where: string;
}

/** What was not taken: `where: why` is a sentence. */
export interface Unplaced {
  readonly where: string;
  readonly why: string;
}

export interface Reading {
  readonly found: readonly Found[];
  readonly unplaced: readonly Unplaced[];
}

/** Characters that are read at once. */
export const LONGEST_PASTE = 100_000;
/** Values that are read at once: more is no longer something a person wants to look through. */
const MOST_VALUES = 500;

/**
 * Reads the keys out of whatever a person pastes: a bare key, an address, a `.env`, shell, PowerShell or
 * container variables, JSON, a curl command. `chosen` is the service whose form is open, if any. It never
 * throws, and no value of the text stands in `where`, `why` or `label`.
 */
export function readPaste(text: string, abouts: readonly About[], chosen?: string): Reading {
  if (text.length > LONGEST_PASTE) {
    const most = LONGEST_PASTE.toLocaleString('en-GB');
    return {
      found: [],
      unplaced: [
        { where: 'the whole text', why: `has more than ${most} characters: paste the part with the keys.` },
      ],
    };
  }
  const { clues, unreadable } = cluesIn(text);
  const read = clues.slice(0, MOST_VALUES);
  const nameable = namesToShow(read);
  const standings: Standing[] = [];
  const unplaced: Unplaced[] = [];
  const form = abouts.find(({ name }) => name === chosen);
  for (const clue of read) {
    const placing = place(clue, abouts, form);
    if (!placing) continue;
    const where = whereOf(clue, nameable);
    if ('why' in placing) unplaced.push({ where, why: placing.why });
    else standings.push({ ...placing.placed, scope: clue.scope, where, nameable: nameable(clue) });
  }
  if (clues.length > read.length)
    unplaced.push({
      where: `line ${clues[MOST_VALUES]?.line} and on`,
      why: 'was not read: paste that part by itself.',
    });
  const [line] = unreadable;
  if (line !== undefined) {
    const others = unreadable.length > 1 ? ` and ${unreadable.length - 1} more` : '';
    unplaced.push({ where: `line ${line}${others}`, why: 'is neither a key nor the name and value of one.' });
  }
  const found = gather(standings);
  if (found.length === 0 && unplaced.length === 0 && text.trim() !== '')
    unplaced.push({ where: 'the whole text', why: 'holds nothing that reads as a key.' });
  return { found, unplaced: withoutRepeats(unplaced) };
}

function whereOf(clue: Clue, nameable: (clue: Clue) => boolean): string {
  const name = clue.names.at(-1);
  return name !== undefined && nameable(clue) ? `line ${clue.line}, ${name}` : `line ${clue.line}`;
}

/** Says whose name may be shown: a plain one that no value of the text stands in, nor anything random. */
function namesToShow(clues: readonly Clue[]): (clue: Clue) => boolean {
  const values = [...new Set(clues.map(({ value }) => value.trim()))].filter(
    value => value.length >= 4 && value.length <= 64 && !isPlaceholder(value),
  );
  const verdicts = new Map<string, boolean>();
  const judge = (name: string): boolean =>
    /^[A-Za-z_][\w. -]{0,63}$/.test(name) &&
    !/(?=[A-Za-z]*\d)[A-Za-z\d]{16,}/.test(name) &&
    secretsIn(name).length === 0 &&
    !values.some(value => holdsLetters(name, value));
  return ({ names }) => {
    const name = names.at(-1) ?? '';
    const verdict = verdicts.get(name) ?? judge(name);
    verdicts.set(name, verdict);
    return verdict;
  };
}

/** A label is made of a name's words in small letters, so that is how they are compared. */
const letters = (text: string): string => text.toLowerCase().replace(/[^a-z\d]+/g, ' ');
const holdsLetters = (name: string, value: string): boolean =>
  name.includes(value) || (letters(value).trim() !== '' && letters(name).includes(letters(value).trim()));

const withoutRepeats = (unplaced: readonly Unplaced[]): readonly Unplaced[] => [
  ...new Map(unplaced.map(one => [`${one.where}: ${one.why}`, one])).values(),
];
