/** Saves a result to the downloads folder, named by the moment. */
export function saveBlob(blob: Blob, ending: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = `runkey-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-')}.${ending}`;
  link.click();
  // The browser has taken the bytes by the time it has asked for them.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
