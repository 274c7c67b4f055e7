import { randomUUID } from 'node:crypto';
import { notFound } from './failures';
import { idOf, ownerOf } from './ids';
import type { Good, Shelf } from './media';
import type { Subscriber } from './subscribers';

export type MediaType = 'image' | 'video' | 'audio';

export interface Asset {
  readonly uuid: string;
  readonly assetId: string;
  readonly email: string;
  readonly subscriber: Subscriber;
  readonly name: string;
  readonly mediaType: MediaType;
  readonly extension: string;
  readonly createdAt: string;
  /** It was uploaded, not made by a task. */
  readonly uploaded: boolean;
  readonly duration?: number;
}

export type NewAsset = Pick<Asset, 'name' | 'mediaType' | 'extension' | 'uploaded' | 'duration'>;

/** What lies in the Runway accounts: uploads, and what tasks have made. */
export class Assets {
  readonly #byId = new Map<string, Asset>();
  readonly #shelf: Shelf;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  add(subscriber: Subscriber, email: string, asset: NewAsset, draw: () => Good): Asset {
    const uuid = randomUUID();
    const assetId = idOf('asset', subscriber, email, uuid);
    const added = { ...asset, uuid, assetId, email, subscriber, createdAt: new Date().toISOString() };
    this.#byId.set(assetId, added);
    this.#shelf.put(uuid, asset.extension, draw);
    return added;
  }

  /** Refuses ids that are none, another person's or unknown. */
  find(assetId: string, subscriber: Subscriber): Asset {
    ownerOf('asset', assetId, subscriber);
    const asset = this.#byId.get(assetId);
    if (!asset) throw notFound();
    return asset;
  }

  /** Newest first. */
  of(subscriber: Subscriber, email: string): readonly Asset[] {
    return [...this.#byId.values()]
      .filter(asset => asset.subscriber === subscriber && asset.email === email)
      .reverse();
  }

  has({ assetId }: Asset): boolean {
    return this.#byId.has(assetId);
  }

  remove({ assetId, uuid }: Asset): void {
    this.#byId.delete(assetId);
    this.#shelf.remove(uuid);
  }

  url({ uuid, extension }: Asset): string {
    return this.#shelf.url(uuid, extension);
  }

  size({ uuid, extension }: Asset): number {
    return this.#shelf.sizeOf(uuid, extension);
  }
}
