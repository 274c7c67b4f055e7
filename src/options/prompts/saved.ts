import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Prompt } from '../../calls/prompt';
import { type FailureReport, reportOf } from '../../failure';
import { act } from '../../ui/state';

export type Edit = (prompts: readonly Prompt[]) => readonly Prompt[];

interface Saved {
  /** Undefined until they are known. */
  readonly prompts: ReadonlySignal<readonly Prompt[] | undefined>;
  /** Why they are not known. */
  readonly failure: ReadonlySignal<FailureReport | undefined>;
  readonly look: () => Promise<void>;
  /** Changes what is saved by then, another page's changes too. What was set off first is done first. */
  readonly change: (edit: Edit) => Promise<void>;
}

/** The saved prompts, in their order. */
export function useSaved(): Saved {
  const prompts = useSignal<readonly Prompt[] | undefined>(undefined);
  const failure = useSignal<FailureReport | undefined>(undefined);
  const latest = useRef(Promise.resolve());

  const look = async () => {
    failure.value = undefined;
    try {
      prompts.value = (await act('prompts.get', {})).prompts;
    } catch (thrown) {
      failure.value = reportOf(thrown);
    }
  };
  useEffect(() => void look(), []);

  const change = (edit: Edit): Promise<void> => {
    const turn = latest.current.then(async () => {
      const next = edit((await act('prompts.get', {})).prompts);
      await act('prompts.set', { prompts: [...next] });
      prompts.value = next;
    });
    latest.current = turn.catch(() => {});
    return turn;
  };
  return { prompts, failure, look, change };
}
