import { MOST_PROMPTS, type Prompt } from '../../calls/prompt';
import { shippedPrompts } from '../../calls/shipped-prompts';
import { Failure } from '../../failure';
import type { Edit } from './saved';

export type Direction = 'up' | 'down';

/** One that is gone meanwhile, or that has no further to go, stays as it is. */
export const moved =
  (id: string, direction: Direction): Edit =>
  prompts => {
    const from = prompts.findIndex(prompt => prompt.id === id);
    const to = direction === 'up' ? from - 1 : from + 1;
    const [one, other] = [prompts[from], prompts[to]];
    if (!one || !other) return prompts;
    return prompts.map((prompt, at) => (at === from ? other : at === to ? one : prompt));
  };

/** Throws `bad-input` where there is no room for them. */
export const added =
  (more: readonly Prompt[]): Edit =>
  prompts => {
    if (prompts.length + more.length > MOST_PROMPTS) throw tooMany(more.length, prompts.length);
    return [...prompts, ...more];
  };

/** In the place of the one with its id; at the end where another page has deleted that. */
export const replaced =
  (prompt: Prompt): Edit =>
  prompts =>
    prompts.some(({ id }) => id === prompt.id)
      ? prompts.map(one => (one.id === prompt.id ? prompt : one))
      : added([prompt])(prompts);

export const without =
  (id: string): Edit =>
  prompts =>
    prompts.filter(prompt => prompt.id !== id);

/** Those that came with Runkey and are no longer there. */
export const missing = (prompts: readonly Prompt[]): readonly Prompt[] =>
  shippedPrompts.filter(({ id }) => prompts.every(prompt => prompt.id !== id));

function tooMany(more: number, there: number): Failure {
  const room = Math.max(0, MOST_PROMPTS - there);
  return new Failure(
    'bad-input',
    `There can be at most ${MOST_PROMPTS} prompts: ${more} would be added, and there is room for ${room}.`,
    { next: 'Delete some that you do not need.' },
  );
}
