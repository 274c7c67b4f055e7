import type { Fields } from '../loopback/wire';

/**
 * As much YAML as the documented manifests are made of: nested mappings of plain or quoted words. Anything more
 * is no manifest here, and undefined.
 */
export function readManifest(text: string): Fields | undefined {
  const root: Record<string, unknown> = {};
  const open: { depth: number; at: Record<string, unknown> }[] = [{ depth: -1, at: root }];
  for (const line of text.split('\n')) {
    if (/^\s*(#.*)?$|^---\s*$/.test(line)) continue;
    const [, indent = '', name, rest = ''] = /^( *)([\w.-]+):(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    while ((open.at(-1)?.depth ?? -1) >= indent.length) open.pop();
    const parent = open.at(-1)?.at ?? root;
    const value = plain(rest);
    if (value === '') {
      const below = {};
      parent[name] = below;
      open.push({ depth: indent.length, at: below });
    } else {
      parent[name] = value;
    }
  }
  return root;
}

/** Every word is a string: the emulator asks no more of them. */
function plain(text: string): string {
  const [, quoted] = /^(["'])(.*)\1$/.exec(text)?.slice(1) ?? [];
  return quoted ?? text.replace(/\s+#.*$/, '');
}
