import type { Calls } from '../calls/calls';
import type { BodyOf, PageAsks } from '../messages/contract';
import { busy } from '../vault/replace-key';
import type { Vault } from '../vault/vault';

type Body<N extends keyof PageAsks> = BodyOf<PageAsks, N>;

/** The handlers of the door that concern the vault as a whole; `changed` tells whoever watches. */
export function vaultHandlers(
  ready: () => Promise<Vault>,
  calls: () => Promise<Pick<Calls, 'abandon' | 'busy'>>,
  changed: () => Promise<void>,
  /** `named`: the prompts that were named there, and go on by themselves. */
  unlocked: (named: readonly string[]) => void,
  /** What is kept outside the vault goes with it. */
  erased: () => Promise<void>,
) {
  /** Whatever comes of it, pages are to show how the vault is now. */
  const telling = async (work: (vault: Vault) => Promise<void>): Promise<void> => {
    try {
      await work(await ready());
    } finally {
      await changed();
    }
  };

  return {
    'vault.create': ({ passphrase }: Body<'vault.create'>) => telling(vault => vault.create(passphrase)),
    'vault.unlock': async ({ proof, goOn = [] }: Body<'vault.unlock'>) => {
      await (await ready()).unlock(proof);
      await changed();
      unlocked(goOn);
    },
    'vault.lock': () => telling(vault => vault.lock()),
    'vault.touch': async () => (await ready()).touch(),
    'vault.locking': async () => (await ready()).autoLock.locking(),
    'vault.setLocking': async ({ locking }: Body<'vault.setLocking'>) => {
      const vault = await ready();
      // Only whoever opened it may keep it open longer.
      await vault.id();
      await vault.autoLock.change(locking);
    },
    'vault.prove': async ({ proof }: Body<'vault.prove'>) => {
      await (await ready()).prove(proof);
    },
    'vault.changePassphrase': ({ proof, passphrase }: Body<'vault.changePassphrase'>) =>
      telling(vault => vault.changePassphrase(proof, passphrase)),
    'vault.replaceKey': ({ proof, passphrase }: Body<'vault.replaceKey'>) =>
      telling(async vault => {
        const running = await calls();
        // In one turn with the asking: a call that begins later waits for the new key.
        if (running.busy) throw busy();
        await vault.replaceKey(proof, passphrase);
      }),
    'vault.addPasskey': ({ proof, passkey, secret }: Body<'vault.addPasskey'>) =>
      telling(vault => vault.addPasskey(proof, { ...passkey, created: Date.now() }, secret)),
    'vault.removePasskey': ({ proof, id }: Body<'vault.removePasskey'>) =>
      telling(vault => vault.removePasskey(proof, id)),
    'vault.erase': async () => {
      await (await calls()).abandon();
      await telling(async vault => {
        await vault.erase();
        // Before anybody is told: what is cached of it could be written anew.
        await erased();
      });
    },
  };
}
