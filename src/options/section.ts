import { signal } from '@preact/signals';

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
addEventListener('hashchange', () => {
  section.value = read();
});
