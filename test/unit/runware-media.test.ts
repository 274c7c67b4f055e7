import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, randomBytes } from '../../src/bytes';
import { mediumOf } from '../../src/services/runware/media';
import { emptyClip } from '../emulators/runware/media/clip';
import { encodeJpg, encodePng } from '../emulators/runware/media/raster';
import { drawSvg } from '../emulators/runware/media/svg';
import { speakTone } from '../emulators/runware/media/wav';

const latin = (text: string): Bytes => Uint8Array.from(text, character => character.charCodeAt(0));
const text = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));
const raster = { width: 8, height: 8, data: Buffer.alloc(8 * 8 * 4, 200) };

const kinds: [string, Uint8Array, string | undefined][] = [
  ['a JPG', encodeJpg(raster, 90), 'image/jpeg'],
  ['a PNG', encodePng(raster), 'image/png'],
  ['a WEBP', latin('RIFF\x24\0\0\0WEBPVP8 '), 'image/webp'],
  ['an SVG', text(drawSvg('a heron', 10, 10)), 'image/svg+xml'],
  ['an SVG with a declaration', text('<?xml version="1.0"?>\n<svg></svg>'), 'image/svg+xml'],
  [
    'an SVG with all before it',
    text('\ufeff <?xml version="1.0"?><!-- by x -->\n<!DOCTYPE svg PUBLIC "-">\n<svg\n>'),
    'image/svg+xml',
  ],
  ['a WAV', speakTone('good morning'), 'audio/wav'],
  ['an MP3 with tags', latin('ID3\x04\0\0\0\0\0\x21'), 'audio/mpeg'],
  ['an MP3 without', latin('\xff\xfb\x90\x64'), 'audio/mpeg'],
  ['a FLAC', latin('fLaC\0\0\0\x22'), 'audio/flac'],
  ['an OGG', latin('OggS\0\x02'), 'audio/ogg'],
  ['an MP4', emptyClip('a heron', 5), 'video/mp4'],
  ['a QuickTime film', latin('\0\0\0\x14ftypqt  '), 'video/quicktime'],
  ['a WEBM', latin('\x1a\x45\xdf\xa3\x9f\x42\x86'), 'video/webm'],
  ['a page', text('<!doctype html><html><svg></svg></html>'), undefined],
  ['a page with an SVG in the place of its root', text('<!doctype html><svg>'), undefined],
  ['an SVG within a comment', text('<!-- <svg> -- ><svg>'), undefined],
  ['a page that calls itself an SVG', text('<html><svg>'), undefined],
  ['a tag that only begins like SVG', text('<svgx>'), undefined],
  ['JSON', text('{"data":[]}'), undefined],
  ['a GIF, which nobody asked for', latin('GIF89a'), undefined],
  ['another RIFF', latin('RIFF\x24\0\0\0AVI LIST'), undefined],
  ['RIFF alone', latin('RIFF'), undefined],
  ['half a PNG’s beginning', latin('\x89PNG'), undefined],
  ['nothing', new Uint8Array(0), undefined],
];

describe('what bytes are', () => {
  it.each(kinds)('%s is told by its first bytes', (_, bytes, mime) => {
    expect(mediumOf(new Uint8Array(bytes))?.mime).toBe(mime);
  });

  it.each(kinds.filter(([, , mime]) => mime))('%s is of the kind that its name says', (_, bytes, mime) => {
    expect(mediumOf(new Uint8Array(bytes))?.type).toBe(mime?.split('/')[0]);
  });

  it('is never guessed: whatever they are, nothing is thrown, and a kind is one with such a beginning', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
        const found = mediumOf(new Uint8Array(bytes));
        if (found) expect(found.mime.startsWith(`${found.type}/`)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read from the beginning alone, in no time', () => {
    const large = randomBytes(60_000);
    large.set(latin('<?xml '), 0);
    const begun = performance.now();
    mediumOf(large);
    // What a careless pattern would go through again and again.
    for (const filling of [' ', '<!--', '<!-- -->', '<?xml ?>', '<!DOCTYPE svg'])
      mediumOf(text(filling.repeat(20_000)));
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
