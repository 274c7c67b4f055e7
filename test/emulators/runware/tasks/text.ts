import { at, type Fields } from '../fields';
import { isObject, numberOf, type Task, textOf } from '../wire';
import type { TaskKind } from './kind';

export const textInference: TaskKind = {
  taskType: 'textInference',
  deliveries: ['sync', 'async', 'stream'],
  check(fields) {
    fields.model();
    checkMessages(fields);
    fields.text('settings.systemPrompt');
    fields.integer('settings.maxTokens', { min: 1, max: 128_000 });
    fields.decimal('settings.temperature', { min: 0, max: 2 });
    fields.decimal('settings.topP', { min: 0, max: 1 });
    fields.flag('includeCost');
    fields.flag('includeUsage');
    fields.integer('seed', { min: 1, max: 2 ** 63 });
    const streams = fields.task.deliveryMethod === 'stream';
    fields.integer('numberResults', { min: 1, max: streams ? 1 : 4 });
  },
  count: task => numberOf(task.numberResults, 1),
  price: task => {
    const { promptTokens, completionTokens } = usageOf(task, answer(task, 0).text);
    return (promptTokens * 0.1 + completionTokens * 0.4) / 1_000_000;
  },
  make(task, index) {
    const { text, finishReason } = answer(task, index);
    return { text, finishReason, ...(task.includeUsage === true && { usage: usageOf(task, text) }) };
  },
};

function checkMessages(fields: Fields): void {
  const { messages } = fields.task;
  if (messages === undefined) fields.missing('messages', 'array');
  else {
    const problem = troubleWith(messages);
    if (problem) fields.wrong('messages', 'array', problem);
  }
}

function troubleWith(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) {
    return "'messages' must be an array with at least one message.";
  }
  const list: readonly unknown[] = messages;
  if (!list.every(isMessage)) return 'Each message needs a role (user or assistant) and a content.';
  const last = list.at(-1);
  return isObject(last) && last.role === 'user' ? undefined : "The last message must have the role 'user'.";
}

const isMessage = (message: unknown): boolean =>
  isObject(message) && /^(user|assistant)$/.test(textOf(message.role)) && textOf(message.content) !== '';

/** Says what it is and what it was asked, so that a test can tell its answer from any other. */
function answer(task: Task, index: number): { text: string; finishReason: 'stop' | 'length' } {
  const asked = lastMessage(task);
  const system = textOf(at(task, 'settings.systemPrompt'));
  let text = [
    `This is the emulator's answer${index > 0 ? `, version ${index + 1}` : ''}, not a model's.`,
    `You asked: “${asked.length > 400 ? `${asked.slice(0, 400)}…` : asked}”`,
    `That is ${words(asked).length} words and ${asked.length} characters, sent to ${textOf(task.model)}.`,
    ...(system ? [`The system prompt was: “${system.slice(0, 200)}”`] : []),
  ].join(' ');
  const stops = at(task, 'settings.stopSequences');
  for (const stop of Array.isArray(stops) ? stops : []) text = text.split(String(stop))[0] ?? text;
  // One token a word: no tokenizer, but a limit that can be reached.
  const limit = numberOf(at(task, 'settings.maxTokens'), Number.POSITIVE_INFINITY);
  const tokens = text.split(/(?<=\s)/);
  if (tokens.length <= limit) return { text, finishReason: 'stop' };
  return { text: tokens.slice(0, limit).join('').trimEnd(), finishReason: 'length' };
}

function lastMessage(task: Task): string {
  const last: unknown = Array.isArray(task.messages) ? task.messages.at(-1) : undefined;
  return isObject(last) ? textOf(last.content) : '';
}

function usageOf(task: Task, text: string) {
  const promptTokens =
    words(lastMessage(task)).length + words(textOf(at(task, 'settings.systemPrompt'))).length;
  const completionTokens = words(text).length;
  return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens, thinkingTokens: 0 };
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
