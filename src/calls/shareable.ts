import { secretsIn } from '../guard/shapes';
import type { Part, Parts, Sketch, Step } from '../services/sketch';

/** A picture whose data URI is longer than this, in characters, does not stand in the snippet. */
const LONGEST = 100_000;

export interface Picture {
  readonly variable: string;
  /** The name under which the person keeps it. */
  readonly file: string;
  /** Of its data URI: what comes before the base64. */
  readonly prefix: string;
}

/** A sketch as anybody may see it. */
export interface Shareable extends Sketch {
  /** Those that are too large to stand in it. */
  readonly pictures: readonly Picture[];
  /** Something was taken out. */
  readonly removed: boolean;
  /** The JSON of each step's body, with variables for large pictures. */
  readonly json: ReadonlyMap<Step, Json>;
}

export interface Json {
  readonly parts: Parts;
  /** Whether a program that reads it and writes it again keeps all of it: digits of long numbers may be lost. */
  readonly exact: boolean;
}

/**
 * Takes out what looks like a secret, for a snippet goes to other people and into other files than a call does. An
 * e-mail address stays: ids of Runway's assets have one in them.
 */
export function shareable(sketch: Sketch): Shareable {
  const pictures: Picture[] = [];
  const json = new Map<Step, Json>();
  let removed = false;
  const clean = (part: Part): Part => {
    if (typeof part !== 'string') return part;
    const cleaned = withoutSecrets(part);
    removed ||= cleaned !== part;
    return cleaned;
  };
  const steps = sketch.steps.map(step => {
    const cleaned: Step = { ...step, url: step.url.map(clean) };
    if (step.body?.type === 'json') {
      const text = cleanJson(step.body.text);
      removed ||= text !== step.body.text;
      const { written, exact } = laidOut(text);
      json.set(cleaned, { parts: withPictures(written, pictures), exact });
    }
    return cleaned;
  });
  return { ...sketch, steps, pictures, removed, json };
}

function withoutSecrets(text: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of secretsIn(text)) {
    kept += `${text.slice(from, start)}[removed]`;
    from = end;
  }
  return kept + text.slice(from);
}

/** Value by value, so that JSON it stays, and everything else in it as it was written. */
function cleanJson(text: string): string {
  let name = { is: '', end: 0 };
  return text.replace(STRINGS, (token, word: string, colon: string | undefined, at: number) => {
    const value: string = JSON.parse(word);
    if (colon) {
      name = { is: value, end: at + token.length };
      return token;
    }
    if (value === '' || IS_PICTURE.test(value)) return token;
    const named = text.slice(name.end, at).trim() === '' && isSecret(name.is);
    const kept = named ? '[removed]' : withoutSecrets(value);
    return kept === value ? token : JSON.stringify(kept);
  });
}

/** Strings of JSON, with the colon that makes a name of one. */
const STRINGS = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/g;

const IS_PICTURE = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=]*$/;

/** Whether what stands under this name is one, whatever it looks like. */
const isSecret = (name: string): boolean => secretsIn(JSON.stringify({ [name]: 'words' })).length > 0;

/** Strings of JSON, to be kept, and what is blank between its values. */
const BLANKS = /("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g;

/** JSON to be read by people, where that changes nothing. */
function laidOut(text: string): { written: string; exact: boolean } {
  const value: unknown = JSON.parse(text);
  const again = JSON.stringify(value);
  const same = again === text || again === text.replace(BLANKS, '$1');
  const written = same ? JSON.stringify(value, null, 2) : text;
  // In a program an object's `__proto__` is something else than one of its fields.
  return { written: plain(written), exact: same && !written.includes('"__proto__"') };
}

/** Characters that are not seen, or that a terminal or an editor obeys: in JSON, and in a program's text, they can be escaped. */
export const plain = (text: string): string =>
  text.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const PICTURES = /(?<=")(data:image\/(png|jpeg|webp);base64,)[A-Za-z0-9+/=]+(?=")/g;

/** A data URI has nothing in it that JSON would escape, so that it is found in the text. */
function withPictures(text: string, pictures: Picture[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: uri, 1: prefix = '', 2: type = '', index } of text.matchAll(PICTURES)) {
    if (uri.length <= LONGEST) continue;
    const at = pictures.length === 0 ? '' : String(pictures.length + 1);
    const picture = { variable: `PICTURE${at}`, file: `picture${at}.${ENDINGS[type] ?? type}`, prefix };
    pictures.push(picture);
    parts.push(text.slice(from, index), { variable: picture.variable });
    from = index + uri.length;
  }
  return [...parts, text.slice(from)];
}

const ENDINGS: Readonly<Record<string, string>> = { jpeg: 'jpg' };
