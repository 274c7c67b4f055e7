import { hash } from './chance';

const RATE = 16_000;

/** A 16-bit mono WAV whose tones follow the words: one short note each, a second at most. */
export function speakTone(text: string, seconds = 1): Buffer {
  const words = text.trim().split(/\s+/).slice(0, 16);
  const length = Math.round(RATE * Math.min(Math.max(seconds, 0.1), 10));
  const samples = Buffer.alloc(length * 2);
  for (let at = 0; at < length; at += 1) {
    const place = (at / length) * words.length;
    const pitch = 220 * 2 ** ((hash(words[Math.floor(place)] ?? '') % 24_000) / 12_000);
    const fade = Math.sin(Math.PI * (place % 1));
    samples.writeInt16LE(Math.round(9000 * fade * Math.sin((2 * Math.PI * pitch * at) / RATE)), at * 2);
  }
  return Buffer.concat([header(samples.length), samples]);
}

function header(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16); // size of the format chunk
  head.writeUInt16LE(1, 20); // plain PCM
  head.writeUInt16LE(1, 22); // one channel
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(bytes, 40);
  return head;
}
