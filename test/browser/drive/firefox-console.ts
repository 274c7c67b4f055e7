/** Firefox's own words: of the settings that it asks for in a world without a network, and of the sites that it mends. */
const theirs = 'RSLoader|"Registered still-not-active|"Enabled UA override|"Skipping';
const ours = new RegExp(`moz-extension|console\\.\\w+: (?!${theirs})`);

/** What the extension wrote, or was said of it, of all that Firefox printed. */
export const oursOf = (lines: readonly string[]): string[] => lines.filter(line => ours.test(line));
