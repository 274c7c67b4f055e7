type Picker = (options: { suggestedName: string }) => Promise<{
  createWritable(): Promise<{ write(bytes: Blob): Promise<void>; close(): Promise<void> }>;
}>;
declare const showSaveFilePicker: Picker | undefined;

const ENDINGS: Record<string, string> = {
  plain: 'txt',
  jpeg: 'jpg',
  'svg+xml': 'svg',
  mpeg: 'mp3',
  quicktime: 'mov',
};

/**
 * Whether what an answer holds can be saved from this page without the page seeing it: by the browser's own dialog,
 * which Chromium has on pages with https. A link to save by would tell the page its address.
 */
export const canSave = (): boolean => isSecureContext && typeof showSaveFilePicker === 'function';

/** Asks where, then brings the bytes there. False where it failed; true also when the person changed their mind. */
export async function save(type: string, bring: () => Promise<Blob | undefined>): Promise<boolean> {
  const ending = type.slice(type.indexOf('/') + 1);
  try {
    const file = await showSaveFilePicker?.({ suggestedName: `runkey.${ENDINGS[ending] ?? ending}` });
    const bytes = await bring();
    if (!file || !bytes) return false;
    const writing = await file.createWritable();
    await writing.write(bytes);
    await writing.close();
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError';
  }
}
