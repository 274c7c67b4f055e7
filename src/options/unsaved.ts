import { signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** The open forms in which something was changed. */
const forms = new Set<HTMLElement>();

/** What a person set off, by which a form would go that is not saved. */
interface Step {
  /** Does it all the same. */
  go(): void;
  /** Told that it is not done. */
  stay?(): void;
}

/** The step that waits for the person's word. */
export const leaving = signal<Step | undefined>(undefined);

/** Takes a step by which whatever is inside this element goes; asks first where something there is not saved. */
export function leave(inside: Element | null, step: Step): void {
  if ([...forms].some(form => inside?.contains(form))) leaving.value = step;
  else step.go();
}

/** The person's word on the step that waits, if one does. */
export function answer(word: 'stay' | 'go'): void {
  const step = leaving.peek();
  leaving.value = undefined;
  step?.[word]?.();
}

/** Lets the page ask before this form goes, once something was changed in it. */
export function useUnsaved(form: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const { current } = form;
    if (!current) return;
    const note = () => noteUnsaved(current);
    current.addEventListener('input', note);
    return () => {
      current.removeEventListener('input', note);
      forms.delete(current);
    };
  }, [form]);
}

/** Something in a form is not saved, whoever put it there. */
export const noteUnsaved = (form: HTMLElement): void => void forms.add(form);
