import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

type Told = (near: boolean) => void;

/** One observer for all elements that are watched at the same distance. */
class Watch {
  private readonly told = new WeakMap<Element, Told>();
  private readonly observer: IntersectionObserver;

  constructor(rootMargin: string) {
    this.observer = new IntersectionObserver(
      entries => {
        for (const { target, isIntersecting } of entries) this.told.get(target)?.(isIntersecting);
      },
      { rootMargin },
    );
  }

  add(element: Element, told: Told): () => void {
    this.told.set(element, told);
    this.observer.observe(element);
    return () => this.observer.unobserve(element);
  }
}

const watches = new Map<string, Watch>();

/**
 * Whether an element is in view, or nearer to it than the margin says. It is looked at anew whenever `moved`
 * changes, and counts as far until then, or as near where that is said.
 */
export function useNear(
  element: RefObject<Element | null>,
  margin: string,
  moved?: unknown,
  before = false,
): Signal<boolean> {
  const near = useSignal(before);
  useEffect(() => {
    if (!element.current) return;
    const watch = watches.get(margin) ?? new Watch(margin);
    watches.set(margin, watch);
    const forget = watch.add(element.current, now => (near.value = now));
    return () => {
      forget();
      near.value = before;
    };
  }, [element, margin, moved, before, near]);
  return near;
}
