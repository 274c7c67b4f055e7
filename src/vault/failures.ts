import { Failure } from '../failure';

/** What the vault says of itself when it cannot do what it was asked. */

export function damaged(): Failure {
  return new Failure(
    'vault-damaged',
    'The stored vault is damaged: its bytes are not those that Runkey wrote.',
    {
      next: 'Your passphrase is not at fault. Restore the vault from a backup.',
    },
  );
}

export function exists(): Failure {
  return new Failure('vault-exists', 'This browser has a vault already.', {
    next: 'Unlock it with its passphrase.',
  });
}

export function missing(): Failure {
  return new Failure('vault-missing', 'There is no vault in this browser yet.', {
    next: 'Create one in the options page.',
  });
}

export function locked(): Failure {
  return new Failure('vault-locked', 'The vault is locked.', { next: 'Unlock it with your passphrase.' });
}

export function wouldBeLost(label: string): Failure {
  return new Failure('key-damaged', `The stored secret of “${label}” is damaged.`, {
    next: 'Replace or delete that key first: sealed anew, it would be lost for good.',
  });
}
