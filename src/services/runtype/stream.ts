import { Failure } from '../../failure';
import { inLines, parsed } from '../json';
import type { TaskEvent } from '../service';
import { messages } from '../sse';
import { failedRun, outcomeUnknown } from './errors';
import { refusalIn } from './refusal';
import { eventIn, type StreamEvent } from './vocabulary';

/** A stream that says nothing for this long, ms, is dead: nothing documented keeps one alive, and tools take their time. */
const SILENCE = 5 * 60_000;

/** What a stream has said so far. */
interface Told {
  /** Of the latest step or turn that wrote anything. */
  text: string;
  /** What it writes next begins anew. */
  anew: boolean;
  /** What the latest step or turn made, where it said. */
  made: unknown;
  executionId: string | undefined;
  /** An error that is the end, unless the execution completes all the same. */
  trouble: Failure | undefined;
}

/**
 * Reads a stream to its end, yields the text so far, and gives back the output. `named` is told the execution's id.
 * Throws why it failed, and `outcome-unknown` where it breaks off.
 */
export async function* streamed(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  named: (executionId: string) => TaskEvent,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, string> {
  const told: Told = { text: '', anew: false, made: undefined, executionId: undefined, trouble: undefined };
  try {
    for await (const message of messages(body, SILENCE)) {
      const event = eventIn(message);
      if (!event) continue;
      if (event.executionId && told.executionId === undefined) {
        told.executionId = event.executionId.slice(0, 200);
        yield named(told.executionId);
      }
      const { kind } = event;
      if (kind === 'complete') return outputOf(event, told);
      if (kind && take({ ...event, kind }, told)) yield { type: 'partial', text: told.text };
    }
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof Failure) throw thrown;
    // Whatever the network did.
  }
  throw told.trouble ?? outcomeUnknown('The answer broke off.', told.executionId);
}

/** Takes one event; true: there is more text. */
function take(event: StreamEvent, told: Told): boolean {
  switch (event.kind) {
    case 'text': {
      const { contentType = 'text', delta, text = delta } = event;
      if (contentType !== 'text' || !text) return false;
      told.text = told.anew ? text : told.text + text;
      told.anew = false;
      told.made = undefined;
      return true;
    }
    case 'part':
      told.anew = true;
      return false;
    case 'made':
      told.made = event.result ?? event.content ?? told.made;
      return false;
    case 'failed':
      throw failureIn(event, told);
    case 'waits':
      throw new Failure(
        'service-error',
        'The capability waits for an approval, or a tool, that Runkey cannot give.',
        {
          next: 'It was counted. Whoever owns the product can go on with it in Runtype, or let it run without.',
          ...(told.executionId && { service: { text: `executionId ${told.executionId}` } }),
        },
      );
    case 'error':
      if (event.recoverable !== true) told.trouble = failureIn(event, told);
      return false;
    default:
      return false;
  }
}

const failureIn = (event: StreamEvent, { executionId }: Told): Failure =>
  failedRun({ ...refusalIn(event), ...(executionId && { executionId }) });

/** The last event's, or what the last step made, or what it wrote. */
function outputOf(event: Omit<StreamEvent, 'kind'>, told: Told): string {
  if (event.success === false)
    throw failedRun({ ...refusalIn(event), ...(told.executionId && { executionId: told.executionId }) });
  const { finalOutput } = event;
  const output = finalOutput ?? told.made ?? told.text;
  const text = inLines(output);
  // The same as a text and as what it is: then it is shown as what it is.
  const made = inLines(told.made, text);
  return typeof told.made === 'object' && made === inLines(parsed(text), text) ? made : text;
}
