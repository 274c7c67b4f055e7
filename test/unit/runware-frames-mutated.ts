import fc from 'fast-check';
import { base64 } from '../../src/bytes';

/** A task that frames are about: the words that its items carry tell whose they are. */
export interface Subject {
  readonly id: string;
  readonly taskType: string;
}

const PNG = '\x89PNG\r\n\x1a\n';
const latin = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0));

/** One of a task's pictures; its bytes name the task and the place. */
export const pictureOf = ({ id }: Subject, place: number): string => base64(latin(`${PNG}${id}/${place}`));

export const itemOf = (subject: Subject, place: number): Record<string, unknown> => {
  const { id, taskType } = subject;
  const item = { taskType, taskUUID: id, cost: 0.25 };
  if (taskType === 'promptEnhance' || taskType === 'caption') return { ...item, text: `${id}/${place}` };
  if (taskType === 'modelSearch')
    return { ...item, totalResults: 1, results: [{ air: 'a:b@1', name: `${id}/${place}` }] };
  const uuid = `00000000-0000-4000-8000-${String(place).padStart(4, '0')}${id.slice(0, 8)}`;
  if (taskType === 'videoInference')
    return { ...item, videoUUID: uuid, videoURL: `https://vm.runware.ai/${id}/${place}` };
  return { ...item, imageUUID: uuid, imageBase64Data: pictureOf(subject, place), seed: 7 };
};

const failure = { code: 'invalidModel', message: 'No such model.', parameter: 'model', min: 1, max: 2 };

/** Whatever Runware says of a task, in every shape that its pages and clients show. */
const KINDS: readonly ((one: Subject, other: Subject) => unknown)[] = [
  () => ({ data: [{ taskType: 'ping', pong: true }] }),
  () => ({ data: [{ taskType: 'authentication', connectionSessionUUID: 'another session' }] }),
  one => ({ data: [itemOf(one, 0)] }),
  one => ({ data: [itemOf(one, 1), itemOf(one, 0)] }),
  (one, other) => ({ data: [itemOf(one, 0), itemOf(other, 0), itemOf(other, 1)] }),
  one => ({ data: [{ taskType: one.taskType, taskUUID: one.id }] }),
  one => ({ data: [{ taskType: one.taskType, taskUUID: one.id, status: 'processing', progress: 40 }] }),
  one => ({
    data: [
      { ...itemOf(one, 0), status: 'success' },
      { taskType: one.taskType, taskUUID: one.id, status: 'processing' },
      { taskType: one.taskType, taskUUID: one.id, status: 'error', error: failure },
    ],
  }),
  one => ({ data: [], errors: [{ ...failure, taskUUID: one.id, taskType: one.taskType }] }),
  (one, other) => ({ data: [itemOf(one, 2)], errors: [{ ...failure, taskUUID: other.id }] }),
  (one, other) => ({
    errors: [
      { ...failure, taskUUID: one.id },
      { ...failure, taskUUID: other.id },
    ],
  }),
  one => ({ errors: [{ ...failure, taskType: one.taskType }] }),
  one => ({ errors: [{ ...failure, context: { taskUUID: one.id, taskType: one.taskType } }] }),
  one => ({ error: failure, taskUUID: one.id }),
  () => ({ errors: [failure] }),
  () => ({ error: true, errorId: 19, errorMessage: 'Invalid API key.' }),
  () => ({ errors: [{ code: 'invalidApiKey', message: 'No.', taskType: 'authentication' }] }),
  one => ({ errors: [{ code: 'rateLimitExceeded', message: 'Slow.', taskUUID: one.id }] }),
  one => ({ errors: [{ code: 'conflictTaskUUID', message: 'Used.', taskUUID: one.id }] }),
  one => ({ errors: [{ code: 'taskNotFound', message: 'None.', taskUUID: one.id }] }),
  one => ({
    data: [
      { taskType: 'getTaskDetails', taskUUID: one.id, request: [{}], response: { data: [itemOf(one, 0)] } },
    ],
  }),
  one => ({ data: [{ taskType: 'getTaskDetails', taskUUID: one.id, response: { errors: [failure] } }] }),
  one => ({
    data: [{ taskType: 'getTaskDetails', taskUUID: one.id, response: [itemOf(one, 0), itemOf(one, 1)] }],
  }),
  () => ({ data: [] }),
];

/** What a place in a frame is filled with instead. */
const FILLINGS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  'x',
  'error',
  'processing',
  'authentication',
  'getTaskDetails',
  'imageInference',
  'promptEnhance',
  '\u0000\u202e',
  'y'.repeat(3_000),
  [],
  {},
  [[]],
  [null],
  { data: [] },
  { taskUUID: 7 },
  { toString: null },
];

/** How a frame goes wrong; every number is taken as far as there are choices. */
export interface Mishap {
  readonly kind: number;
  readonly one: number;
  readonly other: number;
  readonly way: number;
  readonly place: number;
  readonly filling: number;
  readonly times: number;
  /** How long after the last, ms. */
  readonly wait: number;
  readonly drop: boolean;
}

const of = <T>(choices: readonly T[], at: number): T => {
  const found = choices[at % choices.length];
  if (found === undefined && choices.length === 0) throw new Error('nothing to choose from');
  return found as T;
};

type Holder = Record<string, unknown> | unknown[];
interface Place {
  readonly holder: Holder;
  readonly name: string;
}

/** Every place within a frame, from the outside in. */
function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.entries(value).flatMap(([name, part]) => [{ holder, name }, ...placesOf(part)]);
}

const put = ({ holder, name }: Place, value: unknown) => Reflect.set(holder, name, value);
const take = ({ holder, name }: Place): unknown => Reflect.get(holder, name);

type Way = (frame: unknown, mishap: Mishap, subjects: readonly Subject[]) => unknown;

/** Changes one place of a frame. */
const at =
  (change: (place: Place, mishap: Mishap, subjects: readonly Subject[]) => void): Way =>
  (frame, mishap, subjects) => {
    const places = placesOf(frame);
    if (places.length > 0) change(of(places, mishap.place), mishap, subjects);
    return frame;
  };

const atName =
  (pattern: RegExp, change: (place: Place, mishap: Mishap, subjects: readonly Subject[]) => void): Way =>
  (frame, mishap, subjects) => {
    const places = placesOf(frame).filter(({ name }) => pattern.test(name));
    if (places.length > 0) change(of(places, mishap.place), mishap, subjects);
    return frame;
  };

const text =
  (change: (text: string, mishap: Mishap) => string): Way =>
  (frame, mishap) =>
    change(JSON.stringify(frame), mishap);

function replaced(json: string, place: number, by: string, length: number): string {
  const from = place % json.length;
  return json.slice(0, from) + by + json.slice(from + length);
}

const WAYS: readonly Way[] = [
  // As it is: duplicates, order and silence are mishaps enough.
  frame => frame,
  // Types
  at((place, { filling }) => put(place, of(FILLINGS, filling))),
  at(place => put(place, String(take(place)))),
  // Structure
  at(place => Reflect.deleteProperty(place.holder, place.name)),
  at(place => put(place, [take(place)])),
  at(place => put(place, [take(place), take(place)])),
  at(place => put(place, { [place.name]: take(place) })),
  frame => [frame],
  frame => ({ data: frame }),
  frame => ({ data: [frame] }),
  frame => ({ errors: [frame] }),
  frame => ({ ...(frame as object), errors: Reflect.get(frame as object, 'data') }),
  frame => ({ data: Reflect.get(frame as object, 'errors'), errors: Reflect.get(frame as object, 'data') }),
  // Ids
  atName(/UUID$/, (place, { filling }) => put(place, of(FILLINGS, filling))),
  atName(/^taskUUID$/, (place, { other }, subjects) => put(place, of(subjects, other).id)),
  atName(/^taskUUID$/, (place, { place: number }) =>
    put(place, `11111111-1111-4111-8111-${String(number).padStart(12, '0')}`),
  ),
  atName(/^taskUUID$/, place => put(place, String(take(place)).toUpperCase())),
  atName(/^taskUUID$/, place => Reflect.deleteProperty(place.holder, place.name)),
  atName(/^(image|video)UUID$/, place => put(place, 'the same')),
  atName(/^taskType$/, (place, { filling }) => put(place, of(FILLINGS, filling))),
  // Order
  atName(/^(data|errors)$/, place => {
    const list = take(place);
    if (Array.isArray(list)) list.reverse();
  }),
  // Nesting
  frame => {
    let nested = frame;
    for (let depth = 0; depth < 500; depth++) nested = { data: [nested] };
    return nested;
  },
  text((json, { place }) => `${'['.repeat(place)}${json}`),
  text((json, { place }) => `${'{"data":'.repeat(place)}${json}${'}'.repeat(place)}`),
  // Bytes
  text((json, { place, filling }) => replaced(json, place, String.fromCharCode(32 + filling), 1)),
  text((json, { place, times }) => replaced(json, place, '', 1 + times * 7)),
  text((json, { place, filling }) => replaced(json, place, JSON.stringify(of(FILLINGS, filling)), 0)),
  text((json, { place }) => json.slice(0, place % (json.length + 1))),
  text((json, { place }) => json.slice(place % (json.length + 1))),
  text(json => json + json),
  text(json => `\ufeff${json}`),
  // What is no text
  frame => new TextEncoder().encode(JSON.stringify(frame)),
  frame => new Blob([JSON.stringify(frame)]),
  () => undefined,
];

export const mishap: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.nat(KINDS.length - 1),
  one: fc.nat(20),
  other: fc.nat(20),
  way: fc.nat(WAYS.length - 1),
  place: fc.nat(5_000),
  filling: fc.nat(FILLINGS.length - 1),
  times: fc.nat(2),
  wait: fc.nat(2_000),
  drop: fc.integer({ min: 0, max: 49 }).map(roll => roll === 49),
});

/** The data of one message about these subjects, as a socket might bring it. */
export function garbled(mishap: Mishap, subjects: readonly Subject[]): unknown {
  const [one, other] = [of(subjects, mishap.one), of(subjects, mishap.other)];
  const frame: unknown = structuredClone(of(KINDS, mishap.kind)(one, other));
  const data = of(WAYS, mishap.way)(frame, mishap, subjects);
  return typeof data === 'object' && data !== null && !(data instanceof Uint8Array) && !(data instanceof Blob)
    ? JSON.stringify(data)
    : data;
}

/** Adds every text in a message to what the task has been told that is named nearest around it. */
export function attribute(data: unknown, told: Map<string, Set<string>>): void {
  let frame: unknown;
  try {
    frame = JSON.parse(String(data));
  } catch {
    return;
  }
  // No recursion: some frames are deep.
  const open: [unknown, string | undefined][] = [[frame, undefined]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, around] = next;
    if (typeof value === 'string' && around !== undefined) {
      const known = told.get(around) ?? new Set();
      told.set(around, known.add(value));
    }
    if (typeof value !== 'object' || value === null) continue;
    const named: unknown = Reflect.get(value, 'taskUUID');
    // A name without end is none.
    const id = typeof named === 'string' && named.length <= 2_000 ? named : around;
    for (const part of Object.values(value)) open.push([part, id]);
  }
}
