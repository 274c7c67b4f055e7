import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../src/calls/prompt';
import { shippedPrompts } from '../../src/calls/shipped-prompts';
import { Failure } from '../../src/failure';
import { checked, filledWith } from '../../src/options/prompts/checked';
import { added, missing, moved, replaced, without } from '../../src/options/prompts/edits';
import { entriesOf, written } from '../../src/options/prompts/share';
import { choiceOf, choicesFor } from '../../src/options/prompts/tasks';

const file = (content: unknown): Blob =>
  new Blob([typeof content === 'string' ? content : JSON.stringify(content)]);
const fileOf = (...prompts: unknown[]): Blob => file({ format: 'runkey-prompts', version: 1, prompts });
const [first] = shippedPrompts;
if (!first) throw new Error('There are no prompts.');
const { id: _, ...pirate } = { ...first, name: 'Pirate' };
const ids = (prompts: readonly Prompt[]) => prompts.map(({ id }) => id);

describe('every prompt that comes with Runkey', () => {
  it.each(shippedPrompts)('$name passes the check of the form as it stands', prompt => {
    const choice = choiceOf(prompt);
    if (!choice) throw new Error('It has no task.');
    const { id: _, ...rest } = prompt;
    expect(checked(filledWith(prompt, choice))).toEqual({ own: {}, others: {}, prompt: rest });
  });
});

describe('the tasks of a prompt', () => {
  it('on text take a prompt and need no picture; those on a picture need exactly one', () => {
    for (const { operation } of choicesFor('text')) {
      expect(operation.fields.some(({ name }) => name === 'prompt')).toBe(true);
      expect(operation.fields.some(({ kind, optional }) => kind === 'image' && !optional)).toBe(false);
    }
    for (const { operation } of choicesFor('image'))
      expect(operation.fields.filter(({ kind, optional }) => kind === 'image' && !optional)).toHaveLength(1);
    const services = (on: 'text' | 'image') => [...new Set(choicesFor(on).map(({ service }) => service))];
    expect(services('text')).toEqual(['runware', 'runway', 'runtype']);
    expect(services('image')).toEqual(['runware', 'runway']);
  });
});

describe('the name of a prompt', () => {
  const nameOf = (name: string) => {
    const choice = choiceOf(first);
    return choice && checked(filledWith({ ...pirate, name }, choice));
  };
  it('is one line, and turns nothing around it', () => {
    expect(nameOf(' Two\nlines\u0000 \u202Eand more ')?.prompt?.name).toBe('Two lines and more');
  });
  it('is not made of nothing that shows', () => {
    expect(nameOf('\u0000\u202E \n')?.own.name).toBe('Name is empty.');
  });
});

describe('a file of prompts', () => {
  it('has what was written, whatever it was', async () => {
    const text = fc
      .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
      .filter(it => it.trim() === it && it !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), async all => {
        const prompts = all.flatMap(([name, words], at): Prompt[] => {
          const choice = choiceOf(first);
          const template = `${words} {{selection}}`;
          const { prompt } = choice
            ? checked(filledWith({ ...pirate, name, template, note: words }, choice))
            : { prompt: undefined };
          return prompt ? [{ ...prompt, id: `00000000-0000-4000-8000-00000000000${at}`, key: first.id }] : [];
        });
        fc.pre(prompts.length > 0);
        const entries = await entriesOf(file(written(prompts)));
        expect(entries).toEqual(prompts.map(({ id: _, key: __, ...shared }) => ({ shared })));
      }),
    );
  });

  it('of anything else is refused in a sentence, and never breaks anything', async () => {
    const prompt = fc.record(
      Object.fromEntries(
        [...Object.keys(pirate), 'note', 'id', 'key', '__proto__'].map(name => [name, fc.jsonValue()]),
      ),
      { requiredKeys: [] },
    );
    const content = fc.oneof(
      fc.jsonValue(),
      fc.string(),
      fc.record({
        format: fc.constant('runkey-prompts'),
        version: fc.constant(1),
        prompts: fc.array(prompt),
      }),
      fc.record({ format: fc.constant('runkey-prompts'), version: fc.jsonValue(), prompts: fc.jsonValue() }),
    );
    await fc.assert(
      fc.asyncProperty(content, async it => {
        const entries = await entriesOf(file(it)).catch((thrown: unknown) => thrown);
        if (Array.isArray(entries)) for (const entry of entries) expect(entry.why).toMatch(/\.$/);
        else expect(entries).toBeInstanceOf(Failure);
      }),
      { numRuns: 500 },
    );
  });

  it('with names that every object has in its settings is refused, and changes no object', async () => {
    const text = `{"format":"runkey-prompts","version":1,"prompts":[${JSON.stringify(pirate).replace(
      '"values":{}',
      '"values":{"__proto__":"x","toString":"y"}',
    )}]}`;
    const [entry] = await entriesOf(file(text));
    expect(entry).toMatchObject({ why: 'It sets “toString”, which its task does not have.' });
    expect(Object.keys({})).toEqual([]);
  });

  it.each(['name', 'template', 'note'] as const)(
    'with a secret in its %s is neither written nor read',
    async at => {
      const secret = 'papi_Qz7hT4mWc9Xr2LbN5vKd8PfG';
      const prompt = { ...pirate, [at]: `${secret} {{selection}}` };
      const writing = () => written([{ ...prompt, id: first.id }]);
      expect(writing).toThrow('looks as if it held a Runtype product key');
      expect(writing).not.toThrow(secret);
      const entries = await entriesOf(fileOf(prompt));
      expect(entries).toMatchObject([{ why: 'It looks as if it held a Runtype product key.' }]);
      expect(JSON.stringify(entries)).not.toContain(secret);
    },
  );
});

describe('the list of prompts', () => {
  it('is the same after a move and the move back', () => {
    for (const { id } of shippedPrompts.slice(0, -1))
      expect(moved(id, 'up')(moved(id, 'down')(shippedPrompts))).toEqual(shippedPrompts);
  });
  it('stays as it is where there is no further to go, or nothing to move', () => {
    expect(moved(first.id, 'up')(shippedPrompts)).toBe(shippedPrompts);
    expect(moved(shippedPrompts.at(-1)?.id ?? '', 'down')(shippedPrompts)).toBe(shippedPrompts);
    expect(moved('gone', 'up')(shippedPrompts)).toBe(shippedPrompts);
  });
  it('has a prompt back whose place another page took away while it was changed', () => {
    const others = without(first.id)(shippedPrompts);
    expect(replaced(first)(others)).toEqual([...others, first]);
    expect(ids(replaced({ ...first, name: 'Another' })(shippedPrompts))).toEqual(ids(shippedPrompts));
  });
  it('takes no more than there is room for', () => {
    const full = Array.from({ length: 50 }, () => ({ ...first, id: crypto.randomUUID() }));
    expect(() => added([first])(full)).toThrow('there is room for 0');
    expect(added([first])(full.slice(1))).toHaveLength(50);
  });
  it('knows which of the first ones are missing, whatever has become of the others', () => {
    const [, second, ...others] = shippedPrompts;
    expect(missing([...others, { ...first, name: 'Mine' }])).toEqual([second]);
  });
});
