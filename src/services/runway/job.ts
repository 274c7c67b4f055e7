import { Failure } from '../../failure';
import type { TaskItem } from '../service';
import { textOf } from './errors';
import { type Item, isObject, numberOf, words } from './values';

/** A task of Runway's, as far as it is looked at. All of it is untrusted. */
export interface Job {
  readonly id: string;
  readonly status: string;
  readonly name: string | undefined;
  readonly type: string | undefined;
  /** When it was made, ms since the epoch by the service's clock. */
  readonly made: number | undefined;
  readonly prompt: string | undefined;
  readonly seed: number | undefined;
  /** Our own id of the call that made it, where that is read back. */
  readonly ref: string | undefined;
  /** 0 to 100; undefined before it runs. */
  readonly percent: number | undefined;
  /** How long Runway thinks it will be until it runs, ms. */
  readonly startsIn: number | undefined;
  readonly error: unknown;
  readonly results: readonly Result[];
}

export interface Result {
  readonly id: string;
  readonly url: string;
  readonly of: Kind | undefined;
}

export type Kind = 'image' | 'audio' | 'video';

/** A task as it is, or as `task` beside a code; undefined for what names none. */
export function jobOf(body: unknown): Job | undefined {
  const item = isObject(body) && isObject(body.task) ? body.task : body;
  if (!isObject(item)) return undefined;
  const id = words(item.taskId) ?? words(item.id);
  if (!id) return undefined;
  const options = isObject(item.options) ? item.options : {};
  const made = Date.parse(words(item.createdAt) ?? '');
  const ratio = numberOf(item.progressRatio);
  const wait = numberOf(item.estimatedTimeToStartSeconds);
  return {
    id,
    status: words(item.status)?.toUpperCase() ?? 'PENDING',
    name: words(item.name),
    type: words(item.taskType),
    made: Number.isNaN(made) ? undefined : made,
    prompt: typeof options.text_prompt === 'string' ? options.text_prompt : undefined,
    seed: numberOf(options.seed),
    ref: words(item.replyRef),
    percent: ratio === undefined ? undefined : Math.round(Math.min(Math.max(ratio, 0), 1) * 100),
    startsIn: wait === undefined ? undefined : Math.max(0, wait) * 1000,
    error: item.error,
    results: resultsOf(item.artifacts),
  };
}

function resultsOf(artifacts: unknown): readonly Result[] {
  const list = Array.isArray(artifacts) ? artifacts.filter(isObject) : [];
  return list.flatMap((artifact, at) => {
    const { url } = artifact;
    if (typeof url !== 'string' || !URL.canParse(url)) return [];
    return [
      { id: words(artifact.assetId) ?? words(artifact.id) ?? `result ${at + 1}`, url, of: kindOf(artifact) },
    ];
  });
}

const ENDINGS: readonly [Kind, RegExp][] = [
  ['image', /\.(png|jpe?g|gif|webp|avif)$/i],
  ['video', /\.(mp4|mov|webm|mkv|m4v|mpe?g|avi|ogv|3gp)$/i],
  ['audio', /\.(wav|mp3|flac|ogg|m4a|aac)$/i],
];

/** What a file of Runway's is: it says so itself, or its name does, or that it has a length. */
export function kindOf({ mediaType, type, url, filename, name, metadata }: Item): Kind | undefined {
  const said = words(mediaType) ?? words(isObject(type) ? type.type : type);
  const kind = said?.split('/')[0]?.toLowerCase();
  if (kind === 'image' || kind === 'video' || kind === 'audio') return kind;
  const path = typeof url === 'string' ? URL.parse(url)?.pathname : undefined;
  const names = [path, words(filename), words(name)];
  const found = ENDINGS.find(([, ending]) => names.some(one => one && ending.test(one)));
  if (found) return found[0];
  return isObject(metadata) && numberOf(metadata.frameRate) !== undefined ? 'video' : undefined;
}

/** Its results, none of which may be fetched: on which hosts they lie is documented nowhere. */
export const linksOf = ({ results }: Job, usual: Kind): TaskItem[] =>
  results.map(({ id, url, of = usual }) => ({ type: 'link', id, url, of }));

/** Of a task that Runway gave up: why, with who can mend it. */
export function failureOfJob({ error, status }: Job): Failure {
  const text = textOf(isObject(error) && 'errorMessage' in error ? { error: error.errorMessage } : { error });
  const reason = isObject(error) ? words(error.reason) : undefined;
  const service = { ...(reason && { code: reason }), ...(text && { text }) };
  if (/safety|moderat/i.test(`${reason} ${text}`)) {
    return new Failure('safety', 'Runway’s moderation refused this after it had been taken.', {
      next: 'Change the prompt or the picture. Runway counts refusals and may suspend an account for many.',
      service,
    });
  }
  const message = status === 'FAILED' ? 'Runway failed to make this.' : 'The task was ended at Runway.';
  return new Failure('service-error', message, {
    next: 'Run it again, or change it. Whether it used credits, the Runway account tells.',
    service,
  });
}
