import { describe, expect, it } from 'vitest';
import { check } from '../../src/services/fields';
import { about } from '../../src/services/runware/about';
import { expected, fieldOf, operationFor, requestOf } from '../../src/services/runware/operations';
import type { Task } from '../../src/services/service';
import { formOf } from './background';

const id = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const picture = 'data:image/png;base64,iVBORw0KGgo=';
const task = (operation: string, values = formOf(operation)): Task => ({ id, operation, values });

const bytes = { outputType: 'base64Data', includeCost: true };
const drawn = {
  ...bytes,
  positivePrompt: 'a heron',
  width: 1024,
  height: 1024,
  numberResults: 1,
  outputFormat: 'JPG',
};

/** What a person put in, beside what the form began with, and the task that Runware documents for it. */
const operations: Record<string, { puts: Record<string, string>; taskType: string; task: object }> = {
  image: {
    puts: { prompt: 'a heron' },
    taskType: 'imageInference',
    task: { ...drawn, model: 'runware:400@2' },
  },
  variation: {
    puts: { prompt: 'a heron', picture },
    taskType: 'imageInference',
    task: { ...drawn, model: 'runware:101@1', seedImage: picture, strength: 0.8 },
  },
  edit: {
    puts: { prompt: 'a heron', picture },
    taskType: 'imageInference',
    task: { ...drawn, model: 'runware:400@2', inputs: { referenceImages: [picture] } },
  },
  text: {
    puts: { prompt: 'What is a heron?' },
    taskType: 'textInference',
    task: {
      model: 'google:gemma@4-31b',
      messages: [{ role: 'user', content: 'What is a heron?' }],
      settings: { maxTokens: 1024 },
      includeCost: true,
    },
  },
  enhance: {
    puts: { prompt: 'a heron', count: '3' },
    taskType: 'promptEnhance',
    task: { prompt: 'a heron', promptMaxLength: 64, promptVersions: 3, includeCost: true },
  },
  caption: {
    puts: { picture },
    taskType: 'caption',
    task: { model: 'runware:152@2', inputs: { image: picture }, includeCost: true },
  },
  upscale: {
    puts: { picture, factor: '4' },
    taskType: 'upscale',
    task: {
      ...bytes,
      model: 'runware:503@1',
      inputs: { image: picture },
      upscaleFactor: 4,
      outputFormat: 'JPG',
    },
  },
  cutout: {
    puts: { picture },
    taskType: 'removeBackground',
    task: { ...bytes, model: 'runware:109@1', inputs: { image: picture }, outputFormat: 'PNG' },
  },
  vectorize: {
    puts: { picture },
    taskType: 'vectorize',
    task: { ...bytes, model: 'recraft:1@1', inputs: { image: picture }, outputFormat: 'SVG' },
  },
  mask: {
    puts: { picture, confidence: '0.25', most: '3' },
    taskType: 'imageMasking',
    task: {
      ...bytes,
      model: 'runware:35@1',
      inputs: { image: picture },
      settings: { confidence: 0.25, maxDetections: 3 },
      outputFormat: 'PNG',
    },
  },
  speech: {
    puts: { prompt: 'Good morning.', voice: 'ara' },
    taskType: 'audioInference',
    task: { ...bytes, model: 'xai:tts@0', speech: { text: 'Good morning.', voice: 'ara' } },
  },
  sound: {
    puts: { prompt: 'rain on a roof', count: '2', format: 'WAV' },
    taskType: 'audioInference',
    task: {
      ...bytes,
      model: 'elevenlabs:1@1',
      positivePrompt: 'rain on a roof',
      duration: 10,
      numberResults: 2,
      outputFormat: 'WAV',
    },
  },
  video: {
    puts: { prompt: 'a heron flies', picture },
    taskType: 'videoInference',
    task: {
      outputType: 'URL',
      includeCost: true,
      deliveryMethod: 'async',
      model: 'klingai:5@3',
      positivePrompt: 'a heron flies',
      duration: 5,
      width: 1280,
      height: 720,
      numberResults: 1,
      inputs: { frameImages: [picture] },
    },
  },
  store: { puts: { picture }, taskType: 'mediaStorage', task: { operation: 'upload', media: picture } },
  unstore: { puts: { media: id }, taskType: 'mediaStorage', task: { operation: 'delete', media: id } },
  models: { puts: { search: 'flux' }, taskType: 'modelSearch', task: { search: 'flux', limit: 20 } },
};
const names = about.operations.map(({ name }) => name);

describe('each of Runware’s tasks', () => {
  it('is in this test', () => {
    expect(Object.keys(operations)).toEqual(names);
    expect(names).toHaveLength(16);
  });

  it.each(Object.entries(operations))(
    '%s goes over the wire as documented',
    (name, { puts, taskType, task }) => {
      const { fields } = about.operations.find(operation => operation.name === name) ?? { fields: [] };
      const { values, faults } = check(fields, formOf(name, puts));
      expect(faults).toEqual({});
      expect(requestOf({ id, operation: name, values })).toEqual({ taskType, taskUUID: id, ...task });
    },
  );

  it.each(about.operations.map(({ name, fields }) => [name, fields.map(field => field.name)] as const))(
    '%s sends every field that its form has',
    (name, fields) => {
      expect(Object.keys(operationFor({ operation: name }).inputs)).toEqual(
        expect.arrayContaining([...fields]),
      );
    },
  );

  it.each(names)('%s names the field for every parameter of Runware’s that it fills', name => {
    const { inputs } = operationFor({ operation: name });
    const found = Object.values(inputs).map(input =>
      fieldOf(name, typeof input === 'string' ? input : input.to),
    );
    expect(found).toEqual(Object.keys(inputs));
  });

  it.each(names)('%s leaves out what was left empty', name => {
    const request = requestOf({ id, operation: name, values: {} });
    const { taskType, always = {}, delivery } = operationFor({ operation: name });
    const method = delivery === 'async' ? { deliveryMethod: 'async' } : {};
    expect(request).toEqual({ taskType, taskUUID: id, ...always, ...method });
  });

  it.each(names)('%s does not change what the next one sends', name => {
    const sent = JSON.stringify(requestOf(task(name)));
    const request = requestOf(task(name)) as unknown as Record<string, Record<string, unknown>>;
    for (const part of Object.values(request)) if (typeof part === 'object') part.more = 1;
    Object.assign(request, { more: 1 });
    expect(JSON.stringify(requestOf(task(name)))).toBe(sent);
  });
});

describe('what is drawn', () => {
  it('takes the advanced values as numbers where Runware wants numbers', () => {
    const values = { prompt: 'p', negative: 'no', steps: '4', guidance: '3.5', seed: '7', width: '512' };
    expect(requestOf(task('image', values))).toEqual({
      taskType: 'imageInference',
      taskUUID: id,
      ...bytes,
      positivePrompt: 'p',
      negativePrompt: 'no',
      steps: 4,
      CFGScale: 3.5,
      seed: 7,
      width: 512,
    });
  });

  it('has seeds that keep every digit in JSON, the last of many too', () => {
    for (const { fields } of about.operations) {
      const seed = fields.find(({ name }) => name === 'seed');
      const count = fields.find(({ name }) => name === 'count');
      if (seed?.kind !== 'number') continue;
      const most = count?.kind === 'number' ? count.most : 1;
      expect(seed.most + most - 1).toBeLessThan(2 ** 32);
      expect(seed.least).toBe(1);
    }
    expect(
      check(operationFields('image'), formOf('image', { prompt: 'pp', seed: '4294967296' })).faults,
    ).toEqual({
      seed: expect.stringContaining('must be from 1 to'),
    });
  });
});

const operationFields = (name: string) =>
  about.operations.find(operation => operation.name === name)?.fields ?? [];

describe('how an answer comes', () => {
  it('is streamed for text where it can be, and pushed otherwise', () => {
    expect(requestOf(task('text'), true)).toMatchObject({ deliveryMethod: 'stream' });
    expect(requestOf(task('text'))).not.toHaveProperty('deliveryMethod');
  });

  it.each(names.filter(name => name !== 'text'))('is never streamed for %s', name => {
    expect(requestOf(task(name), true)).toEqual(requestOf(task(name)));
  });

  it('is asked after for films alone', () => {
    const asked = names.filter(name => 'deliveryMethod' in requestOf(task(name)));
    expect(asked).toEqual(['video']);
  });

  it.each([
    ['image', { count: '4' }, 4],
    ['image', {}, 1],
    ['enhance', { count: '5' }, 5],
    ['sound', { count: '3' }, 3],
    ['video', { count: '2' }, 2],
    ['text', { count: '9' }, 1],
    ['models', { most: '20' }, 1],
  ])('is complete for %s with %j after %i', (name, values, items) => {
    expect(expected(task(name, values))).toBe(items);
  });
});

describe('a parameter that Runware finds fault with', () => {
  it.each([
    ['image', 'positivePrompt', 'prompt'],
    ['image', 'numberResults', 'count'],
    ['image', 'CFGScale', 'guidance'],
    ['image', 'outputFormat', 'format'],
    ['variation', 'seedImage', 'picture'],
    ['variation', 'inputs.seedImage', 'picture'],
    ['edit', 'inputs.referenceImages', 'picture'],
    ['edit', 'inputs.referenceImages[0]', 'picture'],
    ['edit', 'inputs.referenceImages.0', 'picture'],
    ['edit', 'referenceImages', 'picture'],
    ['text', 'messages', 'prompt'],
    ['text', 'messages[0].content', 'prompt'],
    ['text', 'messages.0.content', 'prompt'],
    ['text', 'settings.maxTokens', 'maxTokens'],
    ['text', 'maxTokens', 'maxTokens'],
    ['text', 'settings.systemPrompt', 'system'],
    ['enhance', 'promptVersions', 'count'],
    ['enhance', 'promptMaxLength', 'length'],
    ['caption', 'inputs.image', 'picture'],
    ['upscale', 'upscaleFactor', 'factor'],
    ['mask', 'settings.maxDetections', 'most'],
    ['speech', 'speech.text', 'prompt'],
    ['video', 'inputs.frameImages[0].inputImage', 'picture'],
    ['store', 'media', 'picture'],
    ['unstore', 'media', 'media'],
    ['models', 'limit', 'most'],
  ])('of %s, %s, is of the field %s.%s', (operation, parameter, field) => {
    expect(fieldOf(operation, parameter)).toBe(field);
  });

  it.each(['constructor', '__proto__', 'toString', 'lora[0].weight', '', '.', '[0]', 'inputs.'])(
    'and that no field fills, “%s”, keeps its name',
    parameter => {
      for (const name of names) expect(fieldOf(name, parameter)).toBe(parameter);
    },
  );
});

describe('a task that there is none of', () => {
  it.each(['', 'constructor', '__proto__', 'toString', 'imageInference', 'Image'])(
    '“%s” is refused',
    name => {
      const refused = expect.objectContaining({ report: expect.objectContaining({ code: 'bad-request' }) });
      expect(() => requestOf(task(name, {}))).toThrow(refused);
      expect(() => expected(task(name, {}))).toThrow(refused);
    },
  );

  it('cannot be reached by its values either', () => {
    const values = JSON.parse('{"__proto__":"x","constructor":"y","prompt":"p"}');
    const request = requestOf({ id, operation: 'image', values });
    expect(Object.keys(request).sort()).toEqual([
      'includeCost',
      'outputType',
      'positivePrompt',
      'taskType',
      'taskUUID',
    ]);
    expect(Object.getPrototypeOf(request)).toBe(Object.prototype);
  });
});
