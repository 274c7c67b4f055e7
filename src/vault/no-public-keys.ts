// In the built extension this stands in for the public-key cryptography that age-encryption imports
// (vite.config.ts). Files locked with a passphrase never reach it; whatever did would throw.
export const MLKEM768P256 = undefined;
export const MLKEM768X25519 = undefined;
export const p256 = undefined;
export const x25519 = undefined;
