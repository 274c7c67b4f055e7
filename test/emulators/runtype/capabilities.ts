import type { Fields } from '../loopback/wire';

/** A flow or an agent that a product offers. */
export interface Capability {
  /** Its slug is made of this. */
  readonly name: string;
  readonly kind: 'flow' | 'agent';
  readonly description: string;
  /** The fields without which it does not run. */
  readonly required: readonly string[];
  /** Any JSON. What it throws is why the execution failed. */
  readonly output: (input: Fields) => unknown;
}

/** At most 100 letters of a-z, digits and hyphens. */
export const slugOf = ({ name }: Capability): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 100);

const words = (input: unknown): readonly string[] => String(input).split(/\s+/).filter(Boolean);

/** One for every kind of answer that JSON allows. */
export const demoCapabilities: readonly Capability[] = [
  {
    name: 'Summarize Article',
    kind: 'flow',
    description: 'A summary in a sentence.',
    required: ['input'],
    output: ({ input }) =>
      `In short – as the emulator sees it – it is about “${words(input).slice(0, 12).join(' ')}”.`,
  },
  {
    name: 'Draft Post',
    kind: 'flow',
    description: 'A post with a title and tags.',
    required: ['input'],
    output: ({ input }) => ({
      title: words(input).slice(0, 4).join(' '),
      body: String(input),
      tags: ['draft', 'emulated'],
    }),
  },
  {
    name: 'List Ideas',
    kind: 'flow',
    description: 'Three ideas.',
    required: ['input'],
    output: ({ input }) => [1, 2, 3].map(number => `Idea ${number} about ${String(input)}`),
  },
  {
    name: 'Count Words',
    kind: 'flow',
    description: 'A number.',
    required: ['input'],
    output: ({ input }) => words(input).length,
  },
  {
    name: 'Is Question',
    kind: 'flow',
    description: 'Yes or no.',
    required: ['input'],
    output: ({ input }) => String(input).trim().endsWith('?'),
  },
  { name: 'Find Nothing', kind: 'flow', description: 'Always nothing.', required: [], output: () => null },
  {
    name: 'Judge Evidence',
    kind: 'agent',
    description: 'An agent, which takes a message.',
    required: ['message'],
    output: ({ message }) => ({ verdict: 'SUPPORTED', reason: String(message), citations: [] }),
  },
  { name: 'Echo', kind: 'flow', description: 'What it is given.', required: [], output: input => input },
  {
    name: 'Fail Always',
    kind: 'flow',
    description: 'An execution that fails.',
    required: [],
    output: () => {
      throw new Error('Step "Write" failed: the model provider returned an error');
    },
  },
];
