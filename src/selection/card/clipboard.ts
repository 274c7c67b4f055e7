/** Copies a text; false: the browser does not let it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByEvent(text);
  }
}

/** Pages without https have no clipboard to write to, but can still be told to copy. */
function copyByEvent(text: string): boolean {
  let copied = false;
  const give = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    // The page’s own listeners are not told what it is.
    event.stopImmediatePropagation();
    copied = true;
  };
  window.addEventListener('copy', give, { capture: true, once: true });
  document.execCommand('copy');
  window.removeEventListener('copy', give, { capture: true });
  return copied;
}

/** Copies what is drawn on a canvas; false: the browser does not let it. */
export async function copyPicture(canvas: HTMLCanvasElement): Promise<boolean> {
  try {
    const png = new Promise<Blob>((resolve, reject) =>
      canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('It is too large.'))), 'image/png'),
    );
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    return true;
  } catch {
    return false;
  }
}
