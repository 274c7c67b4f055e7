import { readFile } from 'node:fs/promises';
import { PNG } from 'pngjs';

/**
 * Reads what is on a virtual screen, menus and the popup of the toolbar included: no debugger sees those.
 * The file is one of xwd, version 7: a header of big-endian 32-bit numbers, a name, 12 bytes for each colour of
 * the map, then rows of pixels. https://gitlab.freedesktop.org/xorg/proto/xorgproto/-/blob/master/include/X11/XWDFile.h
 */
export async function readScreen(file: string): Promise<Buffer> {
  const xwd = await readFile(file);
  const header = (index: number) => xwd.readUInt32BE(index * 4);
  const [headerSize, version, width, height] = [header(0), header(1), header(4), header(5)];
  const [bitsPerPixel, bytesPerRow, colours] = [header(11), header(12), header(19)];
  if (version !== 7 || bitsPerPixel !== 32)
    throw new Error('The picture of the screen is in an unknown format.');

  const png = new PNG({ width, height });
  const start = headerSize + colours * 12;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      // Blue, green, red, nothing: Xvfb writes the pixels in the order of the machine, little-endian here.
      const pixel = xwd.readUInt32LE(start + y * bytesPerRow + x * 4);
      png.data.writeUInt32BE(((pixel << 8) | 0xff) >>> 0, (y * width + x) * 4);
    }
  }
  return PNG.sync.write(png, { colorType: 2 });
}
