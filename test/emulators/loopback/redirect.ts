import type { Answer, Ask } from './wire';

/** A host of somebody else's, for which the emulators answer as well: nothing of a person's may ever arrive there. */
export const trapHost = 'elsewhere.example';

export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/** Sends the caller with whatever it carries to another origin. */
export const astray = ({ target }: Ask, status: RedirectStatus): Answer => ({
  status,
  headers: { location: `https://${trapHost}${target}` },
});

export const isLoopback = (host: string): boolean => host === '127.0.0.1' || host === 'localhost';
