// What Chromium 140, Firefox 133 and Node 25 bring: our unit tests run in older Nodes too.
const here = globalThis as { Uint8Array: { prototype: object } };
if (!('fromBase64' in here.Uint8Array)) {
  Object.assign(here.Uint8Array, {
    fromBase64: (text: string) => Uint8Array.from(atob(text), character => character.charCodeAt(0)),
  });
  Object.assign(here.Uint8Array.prototype, {
    toBase64(this: Uint8Array) {
      return Buffer.from(this).toString('base64');
    },
  });
}
