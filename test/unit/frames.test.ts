import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, readFrame } from '../../src/services/runware/frames';

const read = (body: unknown) => readFrame(JSON.stringify(body));

const task = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const other = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const image = {
  taskType: 'imageInference',
  taskUUID: task,
  imageUUID: 'i-1',
  imageBase64Data: 'AAAA',
  cost: 0.1,
};
const fault = { code: 'invalidModel', message: 'No such model.', parameter: 'model', taskUUID: task };
const error: Answer = {
  kind: 'error',
  task,
  error: { code: 'invalidModel', text: 'No such model.', parameter: 'model' },
};
const unreadable: Answer = { kind: 'unreadable' };

describe('a frame with results', () => {
  it.each<[string, unknown, Answer[]]>([
    ['one item', { data: [image] }, [{ kind: 'item', task, item: image }]],
    ['one item that is no list', { data: image }, [{ kind: 'item', task, item: image }]],
    ['a bare list', [image], [{ kind: 'item', task, item: image }]],
    [
      'several items of several tasks',
      { data: [image, { ...image, taskUUID: other }, { ...image, imageUUID: 'i-2' }] },
      [
        { kind: 'item', task, item: image },
        { kind: 'item', task: other, item: { ...image, taskUUID: other } },
        { kind: 'item', task, item: { ...image, imageUUID: 'i-2' } },
      ],
    ],
    ['no item', { data: [] }, []],
    ['nothing', {}, []],
    ['neither data nor errors', { data: null, errors: null }, []],
    [
      'a poll’s “still processing”',
      { data: [{ taskUUID: task, status: 'processing' }] },
      [{ kind: 'item', task, item: { taskUUID: task, status: 'processing' } }],
    ],
    [
      'the answer to an authentication',
      { data: [{ taskType: 'authentication', connectionSessionUUID: 's-1' }] },
      [{ kind: 'authenticated', session: 's-1' }],
    ],
    ['the answer to a ping', { data: [{ taskType: 'ping', pong: true }] }, [{ kind: 'pong' }]],
  ])('%s is read', (_, body, answers) => {
    expect(read(body)).toEqual(answers);
  });
});

describe('a frame with failures', () => {
  it.each<[string, unknown, Answer[]]>([
    ['as a list', { errors: [fault] }, [error]],
    ['as one object', { errors: fault }, [error]],
    ['as “error”', { error: fault }, [error]],
    ['as a list called “error”', { error: [fault] }, [error]],
    ['beside empty data', { data: [], errors: [fault] }, [error]],
    ['beside results', { data: [image], errors: [fault] }, [{ kind: 'item', task, item: image }, error]],
    [
      'beside the task, as before a stream',
      { error: { code: 'invalidModel', message: 'No.' }, taskUUID: task },
      [{ kind: 'error', task, error: { code: 'invalidModel', text: 'No.' } }],
    ],
    [
      'within data, as an item',
      { data: [{ taskUUID: task, status: 'error', error: { code: 'timeoutProvider', message: 'Slow.' } }] },
      [{ kind: 'error', task, of: 'item', error: { code: 'timeoutProvider', text: 'Slow.' } }],
    ],
    [
      'within data, without an object of its own',
      {
        data: [
          { taskUUID: task, taskType: 'imageInference', status: 'error', code: 'taskFailed', message: 'No.' },
        ],
      },
      [
        {
          kind: 'error',
          task,
          taskType: 'imageInference',
          of: 'item',
          error: { code: 'taskFailed', text: 'No.' },
        },
      ],
    ],
    [
      'as of old',
      { error: true, errorId: 19, errorMessage: 'Invalid API key.' },
      [{ kind: 'error', error: { text: 'Invalid API key.' } }],
    ],
    ['as mere text', { error: 'Out of order.' }, [{ kind: 'error', error: { text: 'Out of order.' } }]],
    [
      'as mere texts',
      { errors: ['One.', 'Two.'] },
      [
        { kind: 'error', error: { text: 'One.' } },
        { kind: 'error', error: { text: 'Two.' } },
      ],
    ],
    [
      'with several parameters',
      { errors: [{ code: 'incompatibleParameters', message: 'No.', parameter: ['width', 'height'] }] },
      [{ kind: 'error', error: { code: 'incompatibleParameters', text: 'No.', parameter: 'width, height' } }],
    ],
    [
      'with its task in a context',
      { errors: [{ code: 'x', message: 'No.', context: { taskUUID: task, taskType: 'imageInference' } }] },
      [{ kind: 'error', task, taskType: 'imageInference', error: { code: 'x', text: 'No.' } }],
    ],
    [
      'with a type, a link and allowed values',
      {
        errors: [
          {
            ...fault,
            type: 'string',
            taskType: 'imageInference',
            documentation: 'https://x',
            min: 1,
            allowedValues: [1],
          },
        ],
      },
      [
        {
          ...error,
          taskType: 'imageInference',
          error: { ...error.error, limits: 'at least 1, one of 1' },
        },
      ],
    ],
    [
      'whose code is a number',
      { errors: [{ code: 19, message: 'No.' }] },
      [{ kind: 'error', error: { code: '19', text: 'No.' } }],
    ],
    ['that say nothing', { errors: [{}] }, [{ kind: 'error', error: { text: '' } }]],
    [
      'that are no objects',
      { errors: [null, 7] },
      [
        { kind: 'error', error: { text: '' } },
        { kind: 'error', error: { text: '' } },
      ],
    ],
  ])('%s is read', (_, body, answers) => {
    expect(read(body)).toEqual(answers);
  });

  it('that name another task in the error than around it is the error’s task’s', () => {
    expect(read({ taskUUID: other, errors: [fault] })).toEqual([error]);
  });
});

describe('what a value may be', () => {
  it.each<[object, string | undefined]>([
    [{ min: 128, max: 2048, multiplier: 64 }, 'from 128 to 2048, a multiple of 64'],
    [{ min: 0 }, 'at least 0'],
    [{ max: '2048' }, 'at most 2048'],
    [{ multiplier: 16 }, 'a multiple of 16'],
    [{ allowedValues: ['JPG', 'PNG'] }, 'one of JPG, PNG'],
    [{ min: 1, allowedValues: [1, 2, null, {}] }, 'at least 1, one of 1, 2'],
    [{ min: null, max: {}, multiplier: [], allowedValues: '' }, undefined],
    [{}, undefined],
  ])('of %j is %s', (limits, said) => {
    const [answer] = read({ errors: [{ code: 'invalidValue', message: 'No.', ...limits }] });
    expect(answer?.kind === 'error' && answer.error.limits).toBe(said);
  });

  it('is not told without end', () => {
    const allowedValues = Array.from({ length: 5_000 }, (_, at) => at);
    const [answer] = read({ errors: [{ code: 'x', allowedValues }] });
    expect(answer?.kind === 'error' && answer.error.limits?.split(', ')).toHaveLength(50);
  });
});

describe('the archive’s copy of a task', () => {
  const details = (response?: unknown) => ({
    data: [{ taskType: 'getTaskDetails', taskUUID: task, request: [{ taskUUID: other }], response }],
  });
  const nameless = { imageUUID: 'i-2' };

  it.each<[string, unknown, Answer[]]>([
    ['with its answer', details({ data: [image] }), [{ kind: 'item', task, item: image }]],
    [
      'with the bare items',
      details([image, nameless]),
      [
        { kind: 'item', task, item: image },
        { kind: 'item', task, item: nameless },
      ],
    ],
    ['with one item', details(image), [{ kind: 'item', task, item: image }]],
    [
      'with items that do not name it',
      details({ data: [nameless] }),
      [{ kind: 'item', task, item: nameless }],
    ],
    [
      'with its failure',
      details({ errors: [{ ...fault, taskUUID: undefined }] }),
      [{ ...error, of: 'archive' }],
    ],
    [
      'with both',
      details({ data: [image], errors: [fault] }),
      [
        { kind: 'item', task, item: image },
        { ...error, of: 'archive' },
      ],
    ],
    ['with nothing', details({ data: [] }), []],
    ['without an answer', details(), []],
    ['without its name', { data: [{ taskType: 'getTaskDetails', response: [image] }] }, [unreadable]],
    ['within another', details({ data: [details([nameless]).data[0]] }), [unreadable]],
  ])('is read %s', (_, body, answers) => {
    expect(read(body)).toEqual(answers);
  });

  it('is never so deep that reading it fails', () => {
    const begin = `{"data":[{"taskType":"getTaskDetails","taskUUID":"${task}","response":`;
    for (const depth of [2, 1_000, 50_000]) {
      const answers = readFrame(`${begin.repeat(depth)}[]${'}]}'.repeat(depth)}`);
      expect(answers.every(answer => answer.kind === 'unreadable')).toBe(true);
    }
  });

  it('takes nothing from what had been asked for', () => {
    expect(JSON.stringify(read(details({ data: [] })))).not.toContain(other);
  });
});

describe('what cannot be read', () => {
  it.each<[string, unknown]>([
    ['no text', undefined],
    ['bytes', new Uint8Array([123, 125])],
    ['an object', { data: [] }],
    ['an empty frame', ''],
    ['half a frame', '{"data":[{"taskUUID":"x"'],
    ['words', 'upstream timed out'],
    ['a page', '<html><body>502 Bad Gateway</body></html>'],
    ['two frames', '{"data":[]}{"data":[]}'],
  ])('says so: %s', (_, frame) => {
    expect(readFrame(frame)).toEqual([unreadable]);
  });

  it.each<[string, unknown]>([
    ['text', ['x']],
    ['a number', [7]],
    ['null in a list', [null]],
    ['a list in a list', [[image]]],
    ['an item of no task', [{ ...image, taskUUID: undefined }]],
    ['an item of a task that is no text', [{ ...image, taskUUID: 7 }]],
    ['an item of a task of endless name', [{ ...image, taskUUID: 'x'.repeat(2_001) }]],
    ['an authentication without a session', [{ taskType: 'authentication' }]],
    [
      'an authentication whose session is no text',
      [{ taskType: 'authentication', connectionSessionUUID: {} }],
    ],
  ])('among the items says so: %s', (_, data) => {
    expect(read({ data })).toEqual([unreadable]);
  });

  it('does not take what can be read with it', () => {
    expect(read({ data: ['x', image] })).toEqual([unreadable, { kind: 'item', task, item: image }]);
  });

  it.each(['7', '"text"', 'null', 'true'])('is a frame that is just %s', frame => {
    expect(readFrame(frame).filter(({ kind }) => kind !== 'unreadable')).toEqual([]);
  });
});

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isTextOrNone = (value: unknown) => value === undefined || isText(value);

/** Whether an answer is what its type says. */
function wellFormed(answer: Answer): boolean {
  switch (answer.kind) {
    case 'pong':
    case 'unreadable':
      return Object.keys(answer).length === 1;
    case 'authenticated':
      return isText(answer.session);
    case 'item':
      return isText(answer.task) && typeof answer.item === 'object' && !Array.isArray(answer.item);
    case 'error':
      return (
        isTextOrNone(answer.task) &&
        isTextOrNone(answer.taskType) &&
        typeof answer.error.text === 'string' &&
        isTextOrNone(answer.error.code) &&
        isTextOrNone(answer.error.parameter)
      );
    default:
      return false;
  }
}

describe('any frame at all', () => {
  const runs = { numRuns: 10_000 };
  const holds = (frame: unknown) => {
    const answers = readFrame(frame);
    expect(answers.filter(answer => !wellFormed(answer))).toEqual([]);
  };

  it('is read into well-formed answers when it is JSON', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), holds), runs);
  });

  it('is read into well-formed answers when it is any text or no text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.anything()), holds), runs);
  });

  // Of Runware's own names with anything as their values, so that every branch is reached often.
  const names = [
    'data',
    'errors',
    'error',
    'code',
    'message',
    'errorMessage',
    'parameter',
    'context',
    'status',
    'taskType',
    'taskUUID',
    'connectionSessionUUID',
    'imageUUID',
  ];
  const words = ['error', 'processing', 'authentication', 'ping', 'imageInference', task, ''];
  const { frame: likely } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(...words, null, true, false, 0, 19, -0.5),
      tie('list'),
      tie('frame'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    frame: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
  }));

  it('is read into well-formed answers when it has Runware’s names and any values', () => {
    fc.assert(
      fc.property(likely, body => holds(JSON.stringify(body))),
      runs,
    );
  });

  const valid = [
    { data: [image, { ...image, taskUUID: other }] },
    { errors: [fault, { ...fault, parameter: ['width', 'height'], context: { taskUUID: task } }] },
    { error: true, errorId: 19, errorMessage: 'Invalid API key.' },
    {
      data: [
        { taskType: 'authentication', connectionSessionUUID: 's-1' },
        { taskType: 'ping', pong: true },
      ],
    },
    { data: [{ taskUUID: task, status: 'error', error: { code: 'timeoutProvider', message: 'Slow.' } }] },
  ].map(body => JSON.stringify(body));

  it('is read into well-formed answers when a valid one was cut, filled or garbled', () => {
    const garbled = fc
      .tuple(
        fc.constantFrom(...valid),
        fc.nat(),
        fc.nat({ max: 12 }),
        fc.oneof(fc.json(), fc.string({ maxLength: 4 })),
      )
      .map(([frame, start, length, filling]) => {
        const from = start % frame.length;
        return frame.slice(0, from) + filling + frame.slice(from + length);
      });
    fc.assert(fc.property(garbled, holds), runs);
  });
});
