import type { Area } from './unlocked';

const NAME = 'vault';

/**
 * Remembers, apart from the vault's own storage, that there is a vault, and nothing of it. So a browser that
 * has lost the storage is told from one that never had a vault. Pages' scripts may write here in some
 * browsers: all they could bring about is the wrong one of these two sentences.
 */
export class Marker {
  constructor(private readonly local: Area) {}

  set(): Promise<void> {
    return this.local.set({ [NAME]: true }).catch(() => {});
  }

  clear(): Promise<void> {
    return this.local.remove(NAME).catch(() => {});
  }

  async isSet(): Promise<boolean> {
    const kept = await this.local.get(NAME).catch(() => ({}) as Record<string, unknown>);
    return kept[NAME] === true;
  }
}
