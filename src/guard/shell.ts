import { unquoted } from './json';

export interface ShellWord {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A part of a word: line continued, 'single', $'escaped', "double", an escaped character, plain ones. */
const PART =
  /(\\\r?\n|`\r?\n)|'([^']*)'|\$('[^'\\]*(?:\\[\s\S][^'\\]*)*')|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|\\([^\r\n])|([^\s'"\\;|`]+|['"\\`$])/y;

/**
 * The words of the command that begins at an index, and the index behind it. It ends with its line, unless
 * that ends in `\` or a backtick, or in `^` as in Windows, or a quotation goes on.
 */
export function readCommand(
  text: string,
  at: number,
  line: number,
): { words: readonly ShellWord[]; end: number } {
  const rest = text.slice(at);
  const windows = rest.match(/^[^\n]*(?:\^\r?\n|\^")(?:[^\n]*\^\r?\n)*[^\n]*/)?.[0];
  if (windows === undefined) return split(text, at, line);
  const plain = windows.replace(/\^(\r?\n)/g, '\\$1').replace(/\^([^\r\n])/g, '$1');
  return { words: split(plain, 0, line).words, end: at + windows.length };
}

function split(text: string, at: number, line: number): { words: readonly ShellWord[]; end: number } {
  const words: ShellWord[] = [];
  let word: ShellWord | undefined;
  const finish = () => {
    if (word) words.push(word);
    word = undefined;
  };
  const part = new RegExp(PART);
  let index = at;
  while (index < text.length) {
    if (/[\n;|]/.test(text[index] ?? '')) break;
    part.lastIndex = index;
    const found = part.exec(text);
    if (!found || found[1] !== undefined) {
      finish();
      line += found ? 1 : 0;
      index += found?.[0].length ?? 1;
      continue;
    }
    const [all, , single, ansi, double, escaped, plain] = found;
    const said =
      single ??
      (ansi === undefined ? undefined : unquoted(ansi)) ??
      inDouble(double) ??
      escaped ??
      plain ??
      '';
    word = { text: (word?.text ?? '') + said, line: word?.line ?? line };
    line += all.split('\n').length - 1;
    index += all.length;
  }
  finish();
  return { words, end: index };
}

const inDouble = (text: string | undefined): string | undefined =>
  text?.replace(/\\(?:\r?\n|(["\\$`]))/g, (_, mark: string | undefined) => mark ?? '');
