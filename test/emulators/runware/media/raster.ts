import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

/** Pixels as RGBA bytes, row by row from the top. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

export const blank = (width: number, height: number): Raster => ({
  width,
  height,
  data: Buffer.alloc(width * height * 4),
});

export function encodePng({ width, height, data }: Raster): Buffer {
  const png = new PNG({ width, height });
  png.data = data;
  // One filter for all rows and the lightest compression: speed matters more than bytes.
  return PNG.sync.write(png, { deflateLevel: 1, filterType: 1 });
}

/** Quality 20 to 99. */
export const encodeJpg = (raster: Raster, quality = 95): Buffer => jpeg.encode(raster, quality).data;

/** The pixels of a PNG or JPG, or nothing if these bytes are neither. */
export function decode(bytes: Buffer): Raster | undefined {
  try {
    if (bytes[0] === 0x89) return PNG.sync.read(bytes);
    if (bytes[0] === 0xff) return jpeg.decode(bytes, { maxMemoryUsageInMB: 1024 });
  } catch {
    return undefined;
  }
  return undefined;
}

/** Every pixel of the target takes the nearest one of the source. */
export function scaled(source: Raster, width: number, height: number): Raster {
  const target = blank(width, height);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * source.height) / height) * source.width;
    for (let x = 0; x < width; x += 1) {
      const from = (row + Math.floor((x * source.width) / width)) * 4;
      target.data.writeUInt32LE(source.data.readUInt32LE(from), (y * width + x) * 4);
    }
  }
  return target;
}
