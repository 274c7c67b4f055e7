import { utf8 } from '../bytes';
import type { Part, Parts, Step } from '../services/sketch';
import type { Picture, Shareable } from './shareable';

/** One argument of a command may have 128 KiB in Linux: what is longer than this, in bytes, goes through a pipe. */
const LONGEST = 100_000;

/** A sketch as commands for a POSIX shell. */
export function curlOf({ settings = [], steps, pictures, removed, json }: Shareable): string {
  const lines: string[] = [];
  // A shell that takes no comments reads them as a command: there is nothing in them that it would obey.
  if (removed) lines.push('# What looks like a secret was left out, and says removed: put it in again.');
  for (const { variable, value, note } of settings) lines.push(`# ${note}`, `${variable}=${quoted(value)}`);
  for (const picture of pictures) lines.push(...loaded(picture));
  for (const step of steps) lines.push(...commandOf(step, json.get(step)?.parts));
  return `${lines.join('\n')}\n`;
}

function loaded({ variable, file, prefix }: Picture): string[] {
  return [
    `# ${variable} is a data URI. The picture is too large to stand here: save it as ${file}.`,
    `${variable}=${quoted(prefix)}"$(base64 < ${file} | tr -d '\\n')"`,
  ];
}

function commandOf(step: Step, json: Parts | undefined): string[] {
  const { method, url, headers, body, gives, note } = step;
  const options: string[] = [];
  if (gives) options.push('-sSf');
  // To curl, brackets and braces in an address are many addresses.
  if (url.some(part => typeof part === 'string' && /[[\]{}]/.test(part))) options.push('--globoff');
  if (method !== (body ? 'POST' : 'GET')) options.push(`-X ${method}`);
  const piped = json && isLong(json);
  const lines = [
    [...(piped ? [`printf '%s' ${shell(json)} |`] : []), 'curl', ...options, shell(url)].join(' '),
    ...Object.entries(headers).map(([name, value]) => `-H ${shell([`${name}: `, ...value])}`),
    ...(body || method === 'GET' || method === 'DELETE' ? [] : [`-H 'content-length: 0'`]),
  ];
  if (json) lines.push(piped ? '--data-binary @-' : `--data-raw ${shell(json)}`);
  else if (body?.type === 'file') lines.push(`--data-binary @${body.name}`);
  else if (body?.type === 'form') {
    for (const [name, value] of Object.entries(body.fields))
      lines.push(`--data-urlencode ${shell([`${name}=`, ...value])}`);
  }
  const command = lines.join(' \\\n  ');
  return [
    ...(note ? [`# ${note}`] : []),
    ...(body?.type === 'file' ? [`# The picture is not in here: save it as ${body.name}.`] : []),
    gives ? `${gives.variable}=$(${command} |\n  ${extract(gives.field)})` : command,
  ];
}

/** The text of one field of JSON that has no quotes in it. */
const extract = (field: string): string =>
  `sed -n 's/.*"${field}"[[:space:]]*:[[:space:]]*"\\([^"]*\\)".*/\\1/p'`;

const isLong = (parts: Parts): boolean =>
  parts.some(part => typeof part !== 'string') || utf8(parts.join('')).length > LONGEST;

/** One word for the shell: what stands in it is taken as it is, and a variable's value as well. */
export function shell(parts: Parts): string {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined.map(part => (typeof part === 'string' ? quoted(part) : `"$${part.variable}"`)).join('');
}

/** Between single quotes a shell obeys nothing but a single quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
