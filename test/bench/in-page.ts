import { readFile } from 'node:fs/promises';

/** A script for a page, as an expression that can be called. */
export async function inPage(file: string): Promise<string> {
  const source = await readFile(new URL(`./${file}`, import.meta.url), 'utf8');
  return `(${source
    .replace(/^\/\/.*$/gm, '')
    .trim()
    .replace(/;$/, '')})`;
}
