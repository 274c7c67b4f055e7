import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** The open forms that something was typed into. */
const forms = new Set<HTMLElement>();

/** Whether something was typed that would be lost with the section. */
export const isUnsaved = (): boolean => forms.size > 0;

/** Lets the page ask before it leaves this form, once something was typed into it. */
export function useUnsaved(form: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const { current } = form;
    if (!current) return;
    const note = () => void forms.add(current);
    current.addEventListener('input', note);
    return () => {
      current.removeEventListener('input', note);
      forms.delete(current);
    };
  }, [form]);
}
