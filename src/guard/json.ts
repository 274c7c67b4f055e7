import { type Beside, type Clue, note, nothingBeside } from './clue';

/** Deeper than any configuration is: what lies deeper still is passed over. */
const DEPTH = 64;

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)|("[^"\\]*(?:\\[\s\S][^"\\]*)*"?|'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'?)|([{}[\],:=])|[^\s"'{}[\],:=]+/y;

interface Frame {
  readonly list: boolean;
  readonly path: readonly string[];
  readonly scope: string;
  readonly beside: Beside;
  name: string | undefined;
  index: number;
}

export interface JsonText {
  readonly text: string;
  /** The index of its first bracket. */
  readonly at: number;
  /** The line that index is on, counted from 1. */
  readonly line: number;
  /** The names it stands under. */
  readonly under: readonly string[];
  readonly around?: Beside;
}

/**
 * The strings and numbers of JSON with the names they stand under, and the index behind its last bracket.
 * It also takes what people paste for JSON: comments, trailing commas, single quotes, bare names, a missing
 * end. It builds no objects, so that a name can be anything.
 */
export function readJson({ text, at, line, under, around }: JsonText): {
  clues: readonly Clue[];
  end: number;
} {
  const clues: Clue[] = [];
  const frames: Frame[] = [];
  let tooDeep = 0;
  let end = at;
  const tokens = new RegExp(TOKEN);
  tokens.lastIndex = at;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    const [all, quoted, mark] = token;
    const frame = frames.at(-1);
    const begun = line;
    end = tokens.lastIndex;
    line += lineEnds(all);
    if (mark === '{' || mark === '[') {
      if (frames.length >= DEPTH) tooDeep++;
      else frames.push(frameIn(frame, mark === '[', under));
    } else if (mark === '}' || mark === ']') {
      if (tooDeep > 0) tooDeep--;
      else frames.pop();
      if (frames.length === 0) break;
    } else if (!frame || tooDeep > 0 || mark === ':' || mark === '=') {
    } else if (mark === ',') {
      frame.name = undefined;
      frame.index++;
    } else if (quoted !== undefined || /^[^\s/]/.test(all)) {
      const value = quoted === undefined ? all : unquoted(quoted);
      if (!frame.list && frame.name === undefined) {
        frame.name = value;
        note(frame.beside.names, value);
      } else if (quoted !== undefined || !/^(?:true|false|null)$/.test(all)) {
        note(frame.beside.values, value);
        clues.push({
          line: begun,
          kind: 'named',
          names: frame.name === undefined ? frame.path : [...frame.path, frame.name],
          value,
          beside: frame.beside,
          ...(around ? { around } : {}),
          scope: frame.scope,
          quiet: true,
        });
      }
    }
  }
  return { clues, end };
}

function frameIn(outer: Frame | undefined, list: boolean, under: readonly string[]): Frame {
  const named = outer?.name === undefined ? [] : [outer.name];
  const place = outer?.list ? `${outer.scope}/${outer.index}` : (outer?.scope ?? '');
  return {
    list,
    path: outer ? [...outer.path, ...named] : under,
    scope: place,
    beside: nothingBeside(),
    name: undefined,
    index: 0,
  };
}

const lineEnds = (text: string): number => text.split('\n').length - 1;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
]);

/** A quoted text as it is meant. */
export function unquoted(quoted: string): string {
  const mark = quoted[0] ?? '';
  const inner = quoted.length > 1 && quoted.endsWith(mark) ? quoted.slice(1, -1) : quoted.slice(1);
  return inner.replace(/\\(?:u([\da-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, one: string) =>
    code === undefined ? (ESCAPES.get(one) ?? one) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
