import { signal } from '@preact/signals';
import { isUnsaved } from './unsaved';

/** The sections of the page, in order. The address names the one that is shown, so that back and forward work. */
export const sections = [
  { name: 'keys', label: 'Keys' },
  { name: 'prompts', label: 'Prompts' },
  { name: 'selection', label: 'Selection' },
  { name: 'security', label: 'Security' },
  { name: 'history', label: 'History' },
] as const;
export type Section = (typeof sections)[number]['name'];

const read = (): Section => sections.find(({ name }) => `#${name}` === location.hash)?.name ?? 'keys';

export const section = signal<Section>(read());

/** Whether the address names another section than the one that is shown, in which something is not saved. */
export const leaving = signal(false);

const follow = (): void => {
  leaving.value = false;
  section.value = read();
};

addEventListener('hashchange', () => {
  if (read() !== section.value && isUnsaved()) leaving.value = true;
  else follow();
});

/** Goes where the address says, whatever is not saved. */
export const leave = follow;

/** Lets the address name what is shown. */
export function stay(): void {
  leaving.value = false;
  // A step to that address would move the keyboard to the section's heading.
  history.replaceState(null, '', `#${section.value}`);
}
