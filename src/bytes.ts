/** Text and bytes, one way each. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);
export const textOf = (bytes: Bytes): string => decoder.decode(bytes);

export const base64 = (bytes: Bytes): string => bytes.toBase64();

/** Throws SyntaxError on anything that is not base64. */
export const fromBase64 = (text: string): Bytes => Uint8Array.fromBase64(text);

export const randomBytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

export const sameBytes = (a: Bytes, b: Bytes): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

export function concat(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
