import { setTimeout as wait } from 'node:timers/promises';
import type { Faults } from '../loopback/faults';
import type { Ask, Flow } from '../loopback/wire';
import { EventWriter } from './events';
import type { Started } from './execution';
import type { RuntypeFault } from './faults';
import type { Switches } from './options';
import { disturbed } from './trouble';
import { closing, failing, opening, piece, textOf } from './vocabulary';

export interface Around {
  readonly ask: Ask;
  readonly switches: Switches;
  readonly faults: Faults<RuntypeFault>;
}

/** An execution as server-sent events. It runs on when nobody listens any more. */
export function streamed(started: Started, around: Around): Flow {
  const { switches } = around;
  const finishing = wait(switches.taskMs).then(() => started.finish());
  return {
    async flow(response, note) {
      const {
        entry: { executionId },
        capability: { kind },
      } = started;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const events = new EventWriter(response, { switches, executionId, note });
      for (const event of opening(kind, switches)) await events.event(event);
      const outcome = await finishing;
      if (!outcome.ok) return events.end(failing(outcome.sentence, kind, switches));
      const text = textOf(outcome);
      const pieces = text.split(/(?<=\s)/);
      for (let sent = 0; sent <= pieces.length; sent++) {
        if (await disturbed(sent, { response, events, started, around })) return;
        const next = pieces[sent];
        if (next !== undefined) await events.event(piece(next, kind, switches));
        await wait(switches.deltaMs);
        if (response.closed) return;
      }
      const { before, last } = closing(text, outcome.output, kind, switches);
      for (const event of before) await events.event(event);
      await events.end(last);
    },
  };
}
