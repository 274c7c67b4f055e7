import type { Values } from '../services/fields';
import { isPicture } from '../ui/picture';

/** The pictures of a draft, each once, with the task and the field of every place where it stands. */
export type Pictures = readonly {
  readonly uri: string;
  readonly places: readonly (readonly [task: string, field: string])[];
}[];

type ByTask = Readonly<Record<string, Values>>;

/** Characters. Browsers give the session 10 MB for everything, and the vault needs a little of it. */
const MOST = 8_000_000;

/**
 * Takes the pictures out of a draft: its texts are written on every keystroke, and have to be small. Those of
 * the present task go first; `left` says that some were too large to be kept.
 */
export function apart(values: ByTask, present: string): { texts: ByTask; pictures: Pictures; left: boolean } {
  const texts: Record<string, Values> = {};
  const places = new Map<string, [string, string][]>();
  const tasks = Object.keys(values).sort((a, b) => Number(b === present) - Number(a === present));
  for (const task of tasks) {
    const mine = Object.entries(values[task] ?? {});
    texts[task] = Object.fromEntries(mine.filter(([, value]) => !isPicture(value)));
    for (const [field, value] of mine) {
      if (isPicture(value)) places.set(value, [...(places.get(value) ?? []), [task, field]]);
    }
  }
  let room = MOST;
  const pictures = [...places]
    .filter(([uri]) => {
      const fits = uri.length <= room;
      if (fits) room -= uri.length;
      return fits;
    })
    .map(([uri, where]) => ({ uri, places: where }));
  return { texts, pictures, left: pictures.length < places.size };
}

/** The draft that was taken apart. */
export function together(texts: ByTask, pictures: Pictures): Record<string, Values> {
  const values = { ...texts };
  for (const { uri, places } of pictures) {
    for (const [task, field] of places) values[task] = { ...values[task], [field]: uri };
  }
  return values;
}

export const samePictures = (one: Pictures, other: Pictures): boolean =>
  one.length === other.length &&
  one.every(({ uri, places }, at) => uri === other[at]?.uri && String(places) === String(other[at]?.places));
