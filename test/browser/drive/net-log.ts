import { readFile } from 'node:fs/promises';

export interface Asked {
  url: string;
  /** The origin that asked, or undefined when the browser asked for itself. */
  initiator: string | undefined;
}

/**
 * Every address a Chromium asked for, read from its `--log-net-log` file once it has ended. Unlike Playwright's
 * events it knows the WebSockets of a worker and what the browser does on its own.
 */
export async function addressesAsked(netLogFile: string): Promise<Asked[]> {
  const asked = new Map<string, Asked>();
  // One event a line. A browser that was killed leaves the file without its end, so it is not read as a whole.
  for (const line of (await readFile(netLogFile, 'utf8')).split('\n')) {
    const url = /"url":("(?:https?|wss?):(?:[^"\\]|\\.)*")/.exec(line)?.[1];
    if (!url) continue;
    const origin = /"initiator":"([^"]*)"/.exec(line)?.[1];
    const initiator = origin === 'not an origin' ? undefined : origin;
    const before = asked.get(url);
    // Later events of the same request repeat the address without saying who asked.
    if (!before?.initiator) asked.set(url, { url: String(JSON.parse(url)), initiator });
  }
  return [...asked.values()];
}
