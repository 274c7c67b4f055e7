import { type Clue, nothingBeside } from './clue';
import { cluesOfCurl, decoded } from './curl';
import { readJson, unquoted } from './json';
import { secretsIn } from './shapes';
import { readCommand, type ShellWord } from './shell';

const SKIPPED = /^(?:#|\/\/|;|::|rem\s|<!--|```|[\s{}[\](),;`'"^\\-]*$)/i;
const SECTION = /^\[([\w .-]+)\]$/;
const URL_ALONE = /^(?:https?|wss?):\/\/\S+$/i;
/** What may stand before a name, the name, and what parts it from its value. */
const ASSIGNMENT =
  /(?:-[ \t]+)?(?:export[ \t]+|set[ \t]+(?:-[a-z]+[ \t]+)*"?|setx[ \t]+|\$env:|ENV[ \t]+)?(?:(["'])([A-Za-z_][\w.-]*)\1[ \t]*[:=]|([A-Za-z_][\w.-]*)[ \t]*=(?!=)|([A-Za-z_][\w.-]*(?: [\w.-]+){0,3}):(?=[ \t]))[ \t]*/iy;
/** The ways that have no `=`: Windows for good, fish, and old container files. */
const SPACED = /(?:setx|set[ \t]+-[a-z]+|ENV)[ \t]+([A-Za-z_]\w*)[ \t]+(?!=)/iy;
/** The beginning of an object inside code, and what stands before it. */
const INSIDE_CODE = /^([\w.$@ =([:,"']{1,80})\{\s*["']?[\w$-]+["']?\s*[:=]/;
/** A quotation that may go over lines, and has only a comment or a comma behind it. */
const QUOTED =
  /(?:("[^"\\]*(?:\\[\s\S][^"\\]*)*")|'([^']*)')(?:[ \t]*[,;]|[ \t]*(?=\r?(?:\n|$))|[ \t]+#[^\n]*|[ \t]*(?=[}\]]))/y;
const CONTAINER = /^(?:docker|podman|nerdctl)\s|^(?:-e|--env)[\s=]/;

/** Everything that reads as a value with or without a name, in the order of the text. */
export function cluesIn(text: string): { clues: readonly Clue[]; unreadable: readonly number[] } {
  const reader = new Reader(text);
  while (reader.step());
  return reader;
}

class Reader {
  readonly clues: Clue[] = [];
  /** Lines that say nothing to Runkey. */
  readonly unreadable: number[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;
  #ended = { from: 0, to: -1 };
  #section: readonly string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads one line, or what begins on it. False at the end of the text. */
  step(): boolean {
    this.#moveTo(this.#at + (this.#after(/[\s\uFEFF]*(?:[$>%][ \t]+)?/y)?.[0].length ?? 0));
    if (this.#at >= this.#text.length) return false;
    const line = this.#text.slice(this.#at, this.#lineEnd()).trimEnd();
    const section = line.match(SECTION)?.[1];
    if (section !== undefined) this.#section = [section];
    else if (/^[{[]/.test(line)) return this.#json([]);
    else if (/^curl(?:\.exe)?\s/.test(line)) return this.#command(cluesOfCurl);
    else if (CONTAINER.test(line)) return this.#command(variables);
    else if (!SKIPPED.test(line) && this.#assignment()) return true;
    else if (INSIDE_CODE.test(line)) return this.#code(line);
    else this.#bare(line);
    this.#moveTo(this.#lineEnd());
    return true;
  }

  #bare(line: string): void {
    const word = line.replace(/^bearer\s+/i, '').replace(/^(["'`])(.*?)\1?[,;]?$/, '$2');
    if (SKIPPED.test(line)) return;
    if (URL_ALONE.test(word)) this.#address(word);
    else if (/^\S+$/.test(word)) this.#add({ kind: 'bare', names: [], value: word });
    else {
      const secrets = secretsIn(line);
      for (const { start, end } of secrets)
        this.#add({ kind: 'bare', names: [], value: line.slice(start, end) });
      if (secrets.length === 0) this.unreadable.push(this.#line);
    }
  }

  /** A secret in an address is read for itself, and the address then goes nowhere. */
  #address(url: string): void {
    const query = url.match(/\?([^#]*)/)?.[1];
    if (query === undefined || secretsIn(url).length === 0) {
      this.#add({ kind: 'address', names: [], value: url });
      return;
    }
    for (const pair of query.split('&')) {
      const [, name, value] = pair.match(/^([\w.-]+)=(.+)$/) ?? [];
      if (name === undefined || value === undefined) continue;
      const beside = { names: [name], values: [url] };
      this.#add({ kind: 'named', names: [name], value: decoded(value), beside, quiet: true });
    }
  }

  #assignment(): boolean {
    const spaced = this.#after(SPACED);
    const found = spaced ?? this.#after(ASSIGNMENT);
    const name = spaced?.[1] ?? found?.[2] ?? found?.[3] ?? found?.[4];
    if (!found || name === undefined) return false;
    const from = this.#at + found[0].length;
    const inQuotes = /^set\b.*"[\w.-]+=\s*$/i.test(found[0]);
    const value = this.#valueAt(from, inQuotes);
    // One `=` at the end may as well be the last character of a key.
    if (value.text === '' && value.quoted === false && found[0] === `${name}=` && !/^[A-Z_\d]+$/.test(name))
      return false;
    if (/^[{[]/.test(value.text) && !value.quoted && !/^[{[][^"':,\n]*[\]}]$/.test(value.text)) {
      this.#moveTo(from);
      return this.#json([...this.#section, name]);
    }
    this.#add({ kind: 'named', names: [...this.#section, name], value: value.text });
    this.#moveTo(value.end);
    return true;
  }

  #valueAt(from: number, inQuotes: boolean): { text: string; end: number; quoted: boolean } {
    const quoted = inQuotes ? undefined : this.#after(QUOTED, from);
    if (quoted) {
      const [all, double, single] = quoted;
      const end = from + all.length;
      if (double !== undefined) return { text: unquoted(double), end, quoted: true };
      return { text: single ?? '', end, quoted: true };
    }
    const end = this.#lineEnd(from);
    const line = this.#text.slice(from, end).trimEnd();
    if (inQuotes) return { text: line.replace(/"$/, ''), end, quoted: true };
    return { text: line.replace(/(^|[ \t])#.*$/, '').trimEnd(), end, quoted: false };
  }

  #code(line: string): boolean {
    const before = line.match(INSIDE_CODE)?.[1] ?? '';
    this.#moveTo(this.#at + before.length);
    return this.#json([...this.#section, before.trim()]);
  }

  #json(under: readonly string[]): boolean {
    const { clues, end } = readJson({ text: this.#text, at: this.#at, line: this.#line, under });
    this.clues.push(...clues);
    this.#moveTo(Math.max(end, this.#at + 1));
    return true;
  }

  #command(read: (words: readonly ShellWord[]) => readonly Clue[]): boolean {
    const { words, end } = readCommand(this.#text, this.#at, this.#line);
    this.clues.push(...read(words));
    this.#moveTo(Math.max(end, this.#at + 1));
    return true;
  }

  #add(clue: Pick<Clue, 'kind' | 'names' | 'value'> & Partial<Clue>): void {
    this.clues.push({ line: this.#line, beside: nothingBeside(), scope: '', quiet: false, ...clue });
  }

  #after(pattern: RegExp, at = this.#at): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  #lineEnd(from = this.#at): number {
    // Hostile text may have thousands of things on one line.
    if (from < this.#ended.from || from > this.#ended.to) {
      const end = this.#text.indexOf('\n', from);
      this.#ended = { from, to: end < 0 ? this.#text.length : end };
    }
    return this.#ended.to;
  }

  #moveTo(index: number): void {
    for (; this.#at < index; this.#at++) if (this.#text[this.#at] === '\n') this.#line++;
  }
}

/** The variables that `-e NAME=value` gives a container. */
function variables(words: readonly ShellWord[]): readonly Clue[] {
  return words.flatMap(({ text, line }, index): Clue[] => {
    const before = words[index - 1]?.text;
    const said = before === '-e' || before === '--env' ? text : text.match(/^(?:-e|--env=)(.*)$/s)?.[1];
    const [, name, value] = said?.match(/^([A-Za-z_]\w*)=(.*)$/s) ?? [];
    if (name === undefined || value === undefined) return [];
    return [{ line, kind: 'named', names: [name], value, beside: nothingBeside(), scope: '', quiet: false }];
  });
}
