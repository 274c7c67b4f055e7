import { randomBytes } from 'node:crypto';
import { emptyClip } from '../runware/media/clip';
import { drawPicture } from '../runware/media/picture';
import { encodePng } from '../runware/media/raster';
import { mediaHosts, plays } from './hosts';
import type { Switches } from './options';
import type { Secrets } from './secrets';

export interface Good {
  readonly bytes: Buffer;
  readonly mime: string;
}

interface Kept {
  readonly path: string;
  readonly draw: () => Good;
  good?: Good;
  link?: { readonly url: string; readonly signature: string; readonly expires: number };
}

/** Files at signed addresses. A file is drawn when it is first wanted, an address signed anew when it has expired. */
export class Shelf {
  readonly #switches: Switches;
  readonly #secrets: Secrets;
  readonly #byPath = new Map<string, Kept>();

  constructor(switches: Switches, secrets: Secrets) {
    this.#switches = switches;
    this.#secrets = secrets;
  }

  put(uuid: string, extension: string, draw: () => Good): void {
    const path = `/${uuid}.${extension}`;
    this.#byPath.set(path, { path, draw });
  }

  remove(uuid: string): void {
    for (const path of this.#byPath.keys()) if (path.startsWith(`/${uuid}.`)) this.#byPath.delete(path);
  }

  /** Where the file is to be had. Whoever has the address has the file. */
  url(uuid: string, extension: string): string {
    const kept = this.#byPath.get(`/${uuid}.${extension}`);
    if (!kept) throw new Error('There is no such file on the shelf');
    if (kept.link && kept.link.expires > Date.now()) return kept.link.url;
    const signature = `eyJ${randomBytes(24).toString('base64url')}.${randomBytes(16).toString('base64url')}`;
    this.#secrets.watch(signature, 'link', ({ where, host }) => where === 'url' && plays(host, 'media'));
    kept.link = {
      url: `https://${mediaHosts[this.#switches.mediaHost]}${kept.path}?_jwt=${signature}`,
      signature,
      expires: Date.now() + this.#switches.linkMs,
    };
    return kept.link.url;
  }

  /** The file, or the status for a wrong, an expired and an unknown address. */
  at(path: string, signature: string | null): Good | 403 | 404 {
    const kept = this.#byPath.get(path);
    if (!kept) return 404;
    if (!kept.link || kept.link.signature !== signature || kept.link.expires <= Date.now()) return 403;
    kept.good ??= kept.draw();
    return kept.good;
  }

  sizeOf(uuid: string, extension: string): number {
    const kept = this.#byPath.get(`/${uuid}.${extension}`);
    if (!kept) return 0;
    kept.good ??= kept.draw();
    return kept.good.bytes.length;
  }
}

export const pictured = (prompt: string, seed: number, width: number, height: number) => (): Good => ({
  bytes: encodePng(drawPicture({ prompt, seed, width, height })),
  mime: 'image/png',
});

export const filmed = (prompt: string, seconds: number) => (): Good => ({
  bytes: emptyClip(prompt, seconds),
  mime: 'video/mp4',
});
