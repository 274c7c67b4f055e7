import { ask } from '../messages/client';
import { face } from './state';

/** How often the background is told at most, ms. */
const OFTEN = 10_000;

let told = 0;

function tell(): void {
  const state = face.value;
  if (state.type !== 'snapshot' || state.vault !== 'unlocked' || Date.now() - told < OFTEN) return;
  told = Date.now();
  // One that does not arrive only lets the vault lock sooner.
  void ask('vault.touch', {}).catch(() => {});
}

/** Tells the background of the person's input on this page: an open page alone keeps no vault open. */
export function tellOfInput(): void {
  for (const input of ['pointerdown', 'keydown', 'wheel'] as const) {
    addEventListener(input, event => event.isTrusted && tell(), { capture: true, passive: true });
  }
}
