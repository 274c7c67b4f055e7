import { randomUUID } from 'node:crypto';
import type { Switches } from '../options';

export interface Good {
  readonly bytes: Buffer;
  readonly mime: string;
}

export type MediaType = 'image' | 'video' | 'audio';

const mimes: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  bin: 'application/octet-stream',
};

export const mimeOf = (extension: string): string => mimes[extension] ?? 'application/octet-stream';

/** Only im.runware.ai is documented; the other two are our guess. */
export const mediaHosts: Readonly<Record<MediaType, string>> = {
  image: 'im.runware.ai',
  video: 'vm.runware.ai',
  audio: 'am.runware.ai',
};

interface Place extends Good {
  readonly uuid: string;
  readonly url: string;
  readonly expires: number;
}

/** Media that stay fetchable: results by address, uploads by UUID too. */
export class Shelf {
  readonly #switches: Pick<Switches, 'mediaHost'>;
  readonly #byPath = new Map<string, Place>();
  readonly #byUuid = new Map<string, Place>();

  constructor(switches: Pick<Switches, 'mediaHost'>) {
    this.#switches = switches;
  }

  /** ttl in seconds. */
  put(bytes: Buffer, extension: string, ttl = Number.POSITIVE_INFINITY, uuid: string = randomUUID()): Place {
    const mime = mimeOf(extension);
    const type = mime.startsWith('video') ? 'video' : mime.startsWith('audio') ? 'audio' : 'image';
    const host = mediaHosts[this.#switches.mediaHost === 'guessed' ? type : 'image'];
    const path = `/${type}/ws/0.5/ii/${uuid}.${extension}`;
    const place = {
      uuid,
      url: `https://${host}${path}`,
      bytes,
      mime,
      expires: Date.now() + ttl * 1000,
    };
    this.#byPath.set(path, place);
    this.#byUuid.set(uuid, place);
    return place;
  }

  at(path: string): Good | undefined {
    return fresh(this.#byPath.get(path));
  }

  find(uuid: string): Good | undefined {
    return fresh(this.#byUuid.get(uuid));
  }

  remove(uuid: string): boolean {
    const place = this.#byUuid.get(uuid);
    if (place) this.#byPath.delete(new URL(place.url).pathname);
    return this.#byUuid.delete(uuid);
  }
}

const fresh = (place: Place | undefined): Good | undefined =>
  place && place.expires > Date.now() ? place : undefined;
