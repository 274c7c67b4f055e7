import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Puts the keyboard where a person goes on: into the first thing to fill in, when its form appears, and back when it goes. */
export function useFocusFirst(
  form: RefObject<HTMLElement | null>,
  selector = 'input, textarea, select',
): void {
  // Taken before anything inside has moved it.
  const opener = useRef(document.activeElement);
  useEffect(() => {
    const before = opener.current;
    form.current?.querySelector<HTMLElement>(selector)?.focus();
    return () => {
      // Once it is gone, back to what opened it, unless the focus has found a place.
      setTimeout(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
      });
    };
  }, [form, selector]);
}
