import type { Prompt } from './prompt';

/** The prompts that a new installation has. Ids stay as they are for ever: what a person changes keeps its id. */
const shipped = (id: number, prompt: Omit<Prompt, 'id' | 'service' | 'values'>): Prompt => ({
  id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  service: 'runware',
  values: {},
  ...prompt,
});

export const shippedPrompts: readonly Prompt[] = [
  shipped(1, { name: 'Draw this', on: 'text', operation: 'image', template: '{{selection}}' }),
  shipped(2, { name: 'Improve this prompt', on: 'text', operation: 'enhance', template: '{{selection}}' }),
  shipped(3, {
    name: 'Explain',
    on: 'text',
    operation: 'text',
    template: 'Explain this in plain words, briefly. It is from the page “{{title}}”.\n\n{{selection}}',
  }),
  shipped(4, {
    name: 'Summarise',
    on: 'text',
    operation: 'text',
    template: 'Summarise this in a few sentences, in its own language.\n\n{{selection}}',
  }),
  shipped(5, {
    name: 'Translate',
    on: 'text',
    operation: 'text',
    template:
      'Translate this into English; if it is English, into French. Answer with the translation alone.\n\n{{selection}}',
    note: 'Put your own languages in',
  }),
  shipped(6, {
    name: 'Fix grammar',
    on: 'text',
    operation: 'text',
    template:
      'Correct spelling and grammar. Change nothing else, keep the language, and answer with the corrected text alone.\n\n{{selection}}',
  }),
  shipped(7, { name: 'Read aloud', on: 'text', operation: 'speech', template: '{{selection}}' }),
  shipped(8, { name: 'Describe', on: 'image', operation: 'caption', template: '' }),
  shipped(9, { name: 'Remove background', on: 'image', operation: 'cutout', template: '' }),
  shipped(10, { name: 'Upscale', on: 'image', operation: 'upscale', template: '' }),
];
