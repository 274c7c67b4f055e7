import { signal } from '@preact/signals';
import type { Brought } from '../messages/contract';
import { show } from './shown';

/** Text that a page brought and no task has taken yet. */
export const offered = signal<{ text: string; site?: string } | undefined>(undefined);

/** The site on which the bubble is offered, until the person has answered. */
export const bubbleFor = signal<string | undefined>(undefined);

export function bring({ text, site, call, offer }: Brought): void {
  offered.value = text === undefined ? undefined : { text, ...(site !== undefined && { site }) };
  if (call !== undefined) show({ id: call });
  bubbleFor.value = offer;
}
