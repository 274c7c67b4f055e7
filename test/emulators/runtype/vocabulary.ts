import type { StreamEvent } from './events';
import type { Outcome, Started } from './execution';
import type { Switches } from './options';

export type Script = Pick<Switches, 'vocabulary' | 'reasoning' | 'steps' | 'finalOutput' | 'streamError'>;

/** An agent's text comes in turns, a flow's in steps. */
type Kind = Started['capability']['kind'];

/** Which of a flow's steps the output is of: the last. */
const written = { id: 'step_2', name: 'Write', stepType: 'prompt' };
const read = { id: 'step_1', name: 'Read', stepType: 'prompt' };
const turn = { id: 'turn_1', iteration: 1, role: 'assistant' };
const now = () => new Date().toISOString();

/** What a stream says before its text. */
export function opening(kind: Kind, script: Script): readonly StreamEvent[] {
  const { vocabulary, steps, reasoning } = script;
  const first = { kind, startedAt: now(), ...(kind === 'flow' && { totalSteps: steps }) };
  const legacy = vocabulary === 'legacy';
  const begun: StreamEvent = { name: legacy ? `${kind}_start` : 'execution_start', body: first };
  if (kind === 'agent') {
    const started: StreamEvent = { name: legacy ? 'agent_turn_start' : 'turn_start', body: turn };
    return [begun, started, ...(reasoning && !legacy ? thoughts : []), ...(legacy ? [] : [textStart])];
  }
  const stepStart: StreamEvent = { name: 'step_start', body: { ...written, startedAt: now() } };
  const before = steps === 2 ? earlierStep(script) : [];
  return [
    begun,
    ...before,
    stepStart,
    ...(reasoning && !legacy ? thoughts : []),
    ...(legacy ? [] : [textStart]),
  ];
}

const textStart: StreamEvent = { name: 'text_start', body: { id: 'text_1' } };

const thoughts: readonly StreamEvent[] = [
  { name: 'reasoning_start', body: { id: 'reason_1' } },
  { name: 'reasoning_delta', body: { id: 'reason_1', delta: 'The emulator thinks nothing.' } },
  { name: 'reasoning_complete', body: { id: 'reason_1' } },
  { name: 'tool_start', body: { toolCallId: 'call_1', toolName: 'search', toolType: 'builtin' } },
  { name: 'tool_complete', body: { toolCallId: 'call_1', success: true, result: { found: 0 } } },
];

/** A step before the last, whose text is streamed too and is no part of the output. */
function earlierStep({ vocabulary }: Script): readonly StreamEvent[] {
  const text = 'The emulator has read it.';
  const id = { id: 'text_0' };
  const said: readonly StreamEvent[] =
    vocabulary === 'legacy'
      ? [{ name: 'step_delta', body: { id: read.id, text } }]
      : [
          { name: 'text_start', body: id },
          { name: 'text_delta', body: { ...id, delta: text } },
          { name: 'text_complete', body: { ...id, text } },
        ];
  return [
    { name: 'step_start', body: { ...read, startedAt: now() } },
    ...said,
    { name: 'step_complete', body: { ...read, success: true, result: text } },
  ];
}

export function piece(text: string, kind: Kind, { vocabulary }: Script): StreamEvent {
  if (vocabulary === 'execution') return { name: 'text_delta', body: { id: 'text_1', delta: text } };
  return kind === 'flow'
    ? { name: 'step_delta', body: { id: written.id, text } }
    : { name: 'agent_turn_delta', body: { turnId: turn.id, contentType: 'text', delta: text } };
}

/** What a stream says when its text is complete. */
export function closing(
  text: string,
  output: unknown,
  kind: Kind,
  { vocabulary, steps, finalOutput }: Script,
): { before: readonly StreamEvent[]; last: StreamEvent } {
  const legacy = vocabulary === 'legacy';
  const final = { text: { finalOutput: text }, value: { finalOutput: output }, absent: {} }[finalOutput];
  const textComplete: StreamEvent = { name: 'text_complete', body: { id: 'text_1', text } };
  const inner: StreamEvent =
    kind === 'flow'
      ? { name: 'step_complete', body: { ...written, success: true, result: output } }
      : {
          name: legacy ? 'agent_turn_complete' : 'turn_complete',
          body: { ...turn, content: text, stopReason: 'end_turn' },
        };
  const about =
    kind === 'flow'
      ? { totalSteps: steps, successfulSteps: steps, failedSteps: 0 }
      : { stopReason: 'end_turn', totalTokens: { input: 12, output: text.length } };
  return {
    before: legacy ? [inner] : [textComplete, inner],
    last: {
      name: legacy ? `${kind}_complete` : 'execution_complete',
      body: { kind, success: true, completedAt: now(), ...about, ...final },
    },
  };
}

/** An execution that failed after its stream had begun. */
export function failing(sentence: string, kind: Kind, { vocabulary, streamError }: Script): StreamEvent {
  const error = streamError === 'string' ? sentence : { code: 'EXECUTION_FAILED', message: sentence };
  return { name: vocabulary === 'legacy' ? `${kind}_error` : 'execution_error', body: { kind, error } };
}

/** What is no text is streamed as the JSON it is. */
export const textOf = (outcome: Extract<Outcome, { ok: true }>): string =>
  typeof outcome.output === 'string' ? outcome.output : JSON.stringify(outcome.output);
