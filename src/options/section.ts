import { signal } from '@preact/signals';
import { answer, leave, leaving } from './unsaved';

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

const step = {
  go() {
    section.value = read();
  },
  /** Lets the address name what is shown. A step to it would move the keyboard to the section's heading. */
  stay() {
    history.replaceState(null, '', `#${section.value}`);
  },
};

addEventListener('hashchange', () => {
  if (read() !== section.value) leave(document.body, step);
  else if (leaving.value === step) answer('stay');
});
