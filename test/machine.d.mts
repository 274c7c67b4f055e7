/** Makes node_modules match package-lock.json, with `npm ci` when it does not; ends the process on failure. */
export function ensureDependencies(): void;

/** The Chromium to test with, on the PATH or in the cache of Playwright. */
export function findChromium(): string | undefined;

/** The Firefox to test with. */
export function findFirefox(): string | undefined;

/** Finds or installs Chromium. Throws an Error whose message is the command to run. */
export function ensureChromium(): string;

/** Finds or installs Firefox. Throws an Error whose message is the command to run. */
export function ensureFirefox(): string;

/** Finds or installs age, and the terminal it needs. Throws an Error whose message is the command to run. */
export function ensureAge(): string;

/** Finds or installs argon2. Throws an Error whose message is the command to run. */
export function ensureArgon2(): string;

/** Finds or installs Xvfb, and xdotool when asked. Throws an Error whose message is the command to run. */
export function ensureXvfb(also?: { xdotool?: boolean }): string;

/**
 * Starts a virtual display on a free number. `display` is what goes into DISPLAY; `picture` is a file that always
 * holds what is on the screen now, in the format of xwd.
 */
export function startXvfb(size?: {
  /** In pixels. */
  width?: number;
  /** In pixels. */
  height?: number;
}): Promise<{ display: string; picture: string; stop(): Promise<void> }>;
