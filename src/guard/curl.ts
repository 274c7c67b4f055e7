import { type Beside, type Clue, note, nothingBeside } from './clue';
import { readJson } from './json';
import type { ShellWord } from './shell';

const BODY =
  /^(?:-d|--data|--data-raw|--data-binary|--data-ascii|--data-urlencode|--json|-F|--form|--form-string)$/;
const PASSED_OVER =
  /^(?:-[AbcCeEKmoQrTwxXyYz]|--(?:request|output|user-agent|cookie|cookie-jar|referer|proxy|proxy-user|max-time|connect-timeout|retry|cert|cacert|write-out|upload-file|resolve|range))$/;
const SHORT = /^(-[HduF])(.+)$/s;

/** What a curl command holds, from its words: credentials of headers, `-u` and body, and its address. */
export function cluesOfCurl(words: readonly ShellWord[]): readonly Clue[] {
  const around = nothingBeside();
  const clues: Clue[] = [];
  const named = (name: string, value: string, line: number, quiet: boolean): void => {
    clues.push({
      line,
      kind: 'named',
      names: [name],
      value,
      beside: nothingBeside(),
      around,
      scope: '',
      quiet,
    });
  };
  for (let index = 1; index < words.length; index++) {
    const word = words[index];
    if (!word) break;
    const { option, value, line, taken } = argument(word, words[index + 1]);
    if (option === '-H' || option === '--header') {
      const [, name, said] = value.match(/^([^:\s]+):\s*(.*)$/s) ?? [];
      if (name && said) for (const part of credentials(said)) named(name, part, line, true);
    } else if (option === '-u' || option === '--user') {
      for (const part of userAndPassword(value)) named(part.name, part.value, line, part.quiet);
    } else if (option === '--oauth2-bearer') named('Authorization', value, line, false);
    else if (BODY.test(option)) clues.push(...cluesOfBody(value, line, around));
    else if (option === '--url' || /^(?:https?|wss?):\/\//i.test(word.text)) {
      const text = option === '--url' ? value : word.text;
      note(around.values, text);
      clues.push({
        line,
        kind: 'address',
        names: [],
        value: text,
        beside: nothingBeside(),
        scope: '',
        quiet: true,
      });
    } else if (!PASSED_OVER.test(option)) continue;
    if (taken) index++;
  }
  return clues;
}

interface Argument {
  readonly option: string;
  readonly value: string;
  readonly line: number;
  /** Whether the value is the next word. */
  readonly taken: boolean;
}

function argument({ text, line }: ShellWord, next: ShellWord | undefined): Argument {
  const [, long, after] = text.match(/^(--[a-z\d-]+)=(.*)$/s) ?? [];
  if (long !== undefined && after !== undefined) return { option: long, value: after, line, taken: false };
  const [, short, glued] = text.startsWith('--') ? [] : (text.match(SHORT) ?? []);
  if (short !== undefined && glued !== undefined) return { option: short, value: glued, line, taken: false };
  const isOption = text.startsWith('-');
  return {
    option: text,
    value: next?.text ?? '',
    line: isOption ? (next?.line ?? line) : line,
    taken: isOption,
  };
}

/** `Basic` credentials as the user and password they are; any other header's value as it is. */
function credentials(said: string): readonly string[] {
  const basic = said.match(/^Basic\s+([A-Za-z\d+/]+={0,2})$/i)?.[1];
  if (basic === undefined) return [said];
  try {
    return userAndPassword(atob(basic))
      .filter(({ quiet }) => !quiet)
      .map(({ value }) => value);
  } catch {
    return [];
  }
}

/** The password is the credential; without one, the user is, as services do that know only keys. */
function userAndPassword(text: string): readonly { name: string; value: string; quiet: boolean }[] {
  const at = text.indexOf(':');
  const user = at < 0 ? text : text.slice(0, at);
  const password = at < 0 ? '' : text.slice(at + 1);
  if (password === '') return [{ name: 'Authorization', value: user, quiet: false }];
  return [
    { name: 'user', value: user, quiet: true },
    { name: 'Authorization', value: password, quiet: false },
  ];
}

function cluesOfBody(body: string, line: number, around: Beside): readonly Clue[] {
  const at = body.search(/\S/);
  if (/^[{[]/.test(body.slice(at, at + 1))) {
    const before = body.slice(0, at).split('\n').length - 1;
    return readJson({ text: body, at, line: line + before, under: [], around }).clues;
  }
  const beside = nothingBeside();
  return body.split('&').flatMap((pair): Clue[] => {
    const [, name, value] = pair.match(/^\s*([\w.-]+)=(.*)$/s) ?? [];
    if (name === undefined || value === undefined) return [];
    note(beside.names, name);
    return [
      { line, kind: 'named', names: [name], value: decoded(value), beside, around, scope: '', quiet: true },
    ];
  });
}

/** A value of a form or a query as it is meant. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
