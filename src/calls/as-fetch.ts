import type { Part, Parts, Step } from '../services/sketch';
import { type Json, plain, type Shareable } from './shareable';

/** What a snippet calls. Here it is a word: only `services/egress.ts` reaches the network. */
const CALL = 'fetch';

/** A sketch as a JavaScript module for Node. */
export function fetchOf({ secrets, settings = [], steps, pictures, removed, json }: Shareable): string {
  const environment = new Set(secrets);
  const reads = pictures.length > 0 || steps.some(({ body }) => body?.type === 'file');
  const lines = ['// An ES module, for Node 20 or later.'];
  if (removed) lines.push('// What looks like a secret was left out, and says [removed]: put it in again.');
  if (reads) lines.push(`import { readFile } from 'node:fs/promises';`);
  lines.push('');
  for (const { variable, value, note } of settings)
    lines.push(`// ${note}`, `const ${variable} = ${quoted(value)};`);
  for (const { variable, file, prefix } of pictures) {
    lines.push(
      `// ${variable} is a data URI. The picture is too large to stand here: save it as ${file}.`,
      `const ${variable} = ${quoted(prefix)} + (await readFile(${quoted(file)}, 'base64'));`,
    );
  }
  steps.forEach((step, at) => {
    const last = at === steps.length - 1;
    lines.push(...requestOf(step, json.get(step), environment, last ? 'response' : `response${at + 1}`));
  });
  return `${lines.join('\n')}\n`;
}

function requestOf(
  step: Step,
  json: Json | undefined,
  environment: ReadonlySet<string>,
  name: string,
): string[] {
  const { method, url, headers, body, gives, note } = step;
  const words = (parts: Parts) => written(parts, environment);
  const fields = (values: Readonly<Record<string, Parts>>, indent: string) =>
    Object.entries(values).map(([key, value]) => `${indent}${quoted(key)}: ${words(value)},`);
  const lines = [
    ...(note ? [`// ${note}`] : []),
    ...(body?.type === 'file' ? [`// The picture is not in here: save it as ${body.name}.`] : []),
    `const ${name} = await ${CALL}(${words(url)}, {`,
    `  method: ${quoted(method)},`,
  ];
  if (Object.keys(headers).length > 0) lines.push('  headers: {', ...fields(headers, '    '), '  },');
  if (json) lines.push(`  body: ${program(json)},`);
  else if (body?.type === 'file') lines.push(`  body: await readFile(${quoted(body.name)}),`);
  else if (body?.type === 'form')
    lines.push('  body: new URLSearchParams({', ...fields(body.fields, '    '), '  }),');
  // Nothing follows to where the key does not belong.
  lines.push(`  redirect: 'error',`, '});');
  if (!gives) return [...lines, `console.log(${name}.status, await ${name}.text());`];
  const { variable, field } = gives;
  return [
    ...lines,
    `if (!${name}.ok) throw new Error(\`\${${name}.status} \${await ${name}.text()}\`);`,
    `const { ${field}: ${variable} } = await ${name}.json();`,
    '',
  ];
}

/** JSON is JavaScript as it stands; where reading it would change it, it stays a text. */
function program({ parts, exact }: Json): string {
  if (!exact) return parts.map(part => (typeof part === 'string' ? quoted(part) : part.variable)).join(' + ');
  const literal = parts
    .map((part, at) => {
      if (typeof part !== 'string') return part.variable;
      // The quotes around what is now a variable.
      return part.slice(at > 0 ? 1 : 0, at < parts.length - 1 ? -1 : undefined);
    })
    .join('');
  // Line ends within JSON stand between its values, never in one.
  return `JSON.stringify(${literal.replaceAll('\n', '\n  ')})`;
}

function written(parts: Parts, environment: ReadonlySet<string>): string {
  const named = (variable: string) => (environment.has(variable) ? `process.env.${variable}` : variable);
  const [only, ...more] = parts;
  if (only === undefined) return quoted('');
  if (more.length === 0) return typeof only === 'string' ? quoted(only) : named(only.variable);
  const piece = (part: Part) =>
    typeof part === 'string' ? escaped(part).replace(/`|\$(?=\{)/g, '\\$&') : `\${${named(part.variable)}}`;
  return `\`${parts.map(piece).join('')}\``;
}

const quoted = (text: string): string => `'${escaped(text).replaceAll("'", "\\'")}'`;

/** As within a string of JavaScript, whichever quotes are around it. */
const escaped = (text: string): string => plain(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'));
