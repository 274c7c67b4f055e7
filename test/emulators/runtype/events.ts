import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fields } from '../loopback/wire';
import type { Switches } from './options';

/** Time for a chunk to arrive by itself, ms. */
const APART = 3;

export interface StreamEvent {
  readonly name: string;
  readonly body: Fields;
}

/** Writes named server-sent events in the forms that the format allows, as the switches say. */
export class EventWriter {
  readonly #response: ServerResponse;
  readonly #switches: Switches;
  readonly #executionId: string;
  readonly #note: (text: string) => void;
  #seq = 0;

  constructor(
    response: ServerResponse,
    {
      switches,
      executionId,
      note,
    }: { switches: Switches; executionId: string; note: (text: string) => void },
  ) {
    this.#response = response;
    this.#switches = switches;
    this.#executionId = executionId;
    this.#note = note;
  }

  async event(event: StreamEvent): Promise<void> {
    await this.#keepAlive();
    await this.raw(...this.#lines(event));
  }

  /** The last event, and the end of the answer. */
  async end(event: StreamEvent): Promise<void> {
    await this.#keepAlive();
    await this.#write(this.#lines(event), this.#switches.lastFrame === 'ended');
    this.#response.end();
  }

  /** One event in any wording. */
  raw(...lines: readonly string[]): Promise<void> {
    return this.#write(lines, true);
  }

  async #keepAlive(): Promise<void> {
    const { keepAlive } = this.#switches;
    if (keepAlive === 'comment') await this.raw(': keep-alive');
    if (keepAlive === 'ping')
      await this.raw(...this.#lines({ name: 'ping', body: { timestamp: new Date().toISOString() } }));
  }

  #lines({ name, body }: StreamEvent): readonly string[] {
    const { named, eventIds, multiline } = this.#switches;
    const seq = this.#seq++;
    const data = { ...(named !== 'event' && { type: name }), ...body, executionId: this.#executionId, seq };
    return [
      ...(named === 'data' ? [] : [`event: ${name}`]),
      ...(eventIds ? [`id: ${seq}`] : []),
      ...JSON.stringify(data, null, multiline ? 1 : 0)
        .split('\n')
        .map(line => `data: ${line}`),
    ];
  }

  async #write(lines: readonly string[], ended: boolean): Promise<void> {
    const { lineEnd, chunks } = this.#switches;
    this.#note(lines.join('\n'));
    const bytes = Buffer.from([...lines, ...(ended ? ['', ''] : [])].join(lineEnd));
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
