import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

// Layout effects all: a moment later the person may already be elsewhere, or what was opened be closed again.

const nowhere = (): boolean => document.activeElement === document.body;

/** Once this is gone, puts the keyboard back on what opened it, unless the focus has found a place. */
export function useFocusBack(): void {
  // Taken before anything inside has moved it.
  const opener = useRef(document.activeElement);
  useLayoutEffect(() => {
    const before = opener.current;
    return () => {
      setTimeout(() => {
        if (nowhere() && before instanceof HTMLElement) before.focus();
      });
    };
  }, []);
}

/**
 * Puts the keyboard where a person goes on, when its form appears: into the first thing to fill in, else where
 * `otherwise` says. And back when it goes.
 */
export function useFocusFirst(
  form: RefObject<HTMLElement | null>,
  selector = 'input, textarea, select',
  otherwise = selector,
): void {
  useFocusBack();
  useLayoutEffect(() => {
    const find = (one: string) => form.current?.querySelector<HTMLElement>(one);
    (find(selector) ?? find(otherwise))?.focus();
  }, [form, selector, otherwise]);
}

/** For what takes the place of its own opener: once it no longer shows, the keyboard goes to what is there again. */
export function useFocusAfter(showing: boolean, next: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    if (!showing) return;
    return () => {
      setTimeout(() => {
        if (nowhere()) next.current?.focus();
      });
    };
  }, [showing, next]);
}

/** Brings the first fault of a form into sight, once it is drawn: its words are read out with its field. */
export function goToFault(form: RefObject<HTMLElement | null>): void {
  setTimeout(() => {
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    const around = field?.closest('details');
    if (around) around.open = true;
    field?.focus();
  });
}
