import { signal } from '@preact/signals';
import { ask } from '../messages/client';
import { privateWindow } from './private-window';
import { show } from './shown';

/** Text that a page brought and no task has taken yet. */
export const offered = signal<{ text: string; site?: string } | undefined>(undefined);

/** The site on which the bubble is offered, until the person has answered. */
export const bubbleFor = signal<string | undefined>(undefined);

/** Takes what waits, which is forgotten elsewhere then: only where it can be shown at once. */
export async function takeBrought(): Promise<void> {
  // Without the background there is no selection either; the page itself says that it is silent.
  const taken = await ask('selection.take', { ...(privateWindow.value && { private: true }) }).catch(
    () => null,
  );
  if (!taken) return;
  const { text, site, call, offer } = taken;
  offered.value = text === undefined ? undefined : { text, ...(site !== undefined && { site }) };
  if (call !== undefined) show({ id: call });
  bubbleFor.value = offer;
}
