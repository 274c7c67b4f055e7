import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Switches } from './options';

/** Time for a chunk to arrive by itself, ms. */
const APART = 3;

/** Writes server-sent events in the forms that the format allows, as the switches say. */
export class EventWriter {
  readonly #response: ServerResponse;
  readonly #switches: Switches;
  readonly #note: (text: string) => void;

  constructor(response: ServerResponse, switches: Switches, note: (text: string) => void) {
    this.#response = response;
    this.#switches = switches;
    this.#note = note;
  }

  comment(text: string): Promise<void> {
    return this.#write([`: ${text}`]);
  }

  async event(body: object | '[DONE]'): Promise<void> {
    const { keepAlive, multiline } = this.#switches;
    if (keepAlive === 'often') await this.comment('keep-alive');
    const text = typeof body === 'string' ? body : JSON.stringify(body, null, multiline ? 1 : 0);
    await this.#write(text.split('\n').map(line => `data: ${line}`));
  }

  async #write(lines: readonly string[]): Promise<void> {
    const { lineEnd, chunks } = this.#switches;
    this.#note(lines.join('\n'));
    const bytes = Buffer.from([...lines, '', ''].join(lineEnd));
    let from = 0;
    for (const to of chunks === 'cut' ? cuts(bytes) : []) {
      this.#response.write(bytes.subarray(from, to));
      await wait(APART);
      from = to;
    }
    this.#response.write(bytes.subarray(from));
  }
}

/** Where it hurts: within the first character of several bytes, or else in the middle; and within the last line end. */
function cuts(bytes: Buffer): readonly number[] {
  const wide = bytes.findIndex(byte => byte > 0x7f);
  return [wide < 0 ? bytes.length >> 1 : wide + 1, bytes.length - 1];
}
