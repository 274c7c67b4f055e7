import type { Selected } from '../read';

/** Fingerprints, ids, tokens: nothing that one asks something about. */
const HASH = /^(?=\S*\d)[\w+/=.:-]{16,}$|^(?=\S*\d)[\da-f]{7,}$/i;

const CODE =
  'pre, code, kbd, samp, [class*="codemirror" i], [class*="cm-editor" i], [class*="monaco" i], [class*="ace_editor" i]';

/** Whether a bubble helps with what is selected. */
export function suits({ text }: Pick<Selected, 'text'>, within: Element | null, code: boolean): boolean {
  const words = text.trim();
  if (words.length < 2 && /^[\x20-\x7e]*$/.test(words)) return false;
  return code || !(HASH.test(words) || within?.closest(CODE));
}
