import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Puts the keyboard where a person goes on: into the first thing to fill in, when its form appears. */
export function useFocusFirst(
  form: RefObject<HTMLElement | null>,
  selector = 'input, textarea, select',
): void {
  useEffect(() => form.current?.querySelector<HTMLElement>(selector)?.focus(), [form, selector]);
}
