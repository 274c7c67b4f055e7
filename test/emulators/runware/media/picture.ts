import { chance, hash } from './chance';
import { blank, type Raster } from './raster';

type Colour = readonly [red: number, green: number, blue: number];

export interface PictureOrder {
  readonly prompt: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

/** An abstract picture: a slanted gradient under translucent discs. The same order gives the same pixels. */
export function drawPicture({ prompt, seed, width, height }: PictureOrder): Raster {
  const next = chance(hash(`${prompt}\n${seed}`));
  const hue = next() * 360;
  const raster = blank(width, height);
  paintGradient(raster, colour(hue, 0.5, 0.3), colour(hue + 50 + next() * 60, 0.6, 0.75), next());
  for (let disc = 0; disc < 9; disc += 1) {
    const radius = Math.min(width, height) * (0.05 + next() * 0.22);
    paintDisc(raster, next() * width, next() * height, radius, colour(hue + next() * 140, 0.7, 0.6), 0.55);
  }
  return raster;
}

function paintGradient({ width, height, data }: Raster, from: Colour, to: Colour, slant: number): void {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
  // 1024 steps are more than the eye, or a byte a channel, can tell apart.
  const steps = Uint32Array.from({ length: 1024 }, (_, step) => packed(mixed(from, to, step / 1023)));
  for (let y = 0; y < height; y += 1) {
    const down = ((1 - slant) * y) / height;
    for (let x = 0; x < width; x += 1) {
      pixels[y * width + x] = steps[((down + (slant * x) / width) * 1023) | 0] ?? 0;
    }
  }
}

function paintDisc(
  { width, height, data }: Raster,
  centreX: number,
  centreY: number,
  radius: number,
  [red, green, blue]: Colour,
  cover: number,
): void {
  const bottom = Math.min(height - 1, Math.floor(centreY + radius));
  for (let y = Math.max(0, Math.ceil(centreY - radius)); y <= bottom; y += 1) {
    const half = Math.sqrt(radius ** 2 - (y - centreY) ** 2);
    const right = Math.min(width - 1, Math.floor(centreX + half));
    for (let x = Math.max(0, Math.ceil(centreX - half)); x <= right; x += 1) {
      const at = (y * width + x) * 4;
      data[at] = (data[at] ?? 0) * (1 - cover) + red * cover;
      data[at + 1] = (data[at + 1] ?? 0) * (1 - cover) + green * cover;
      data[at + 2] = (data[at + 2] ?? 0) * (1 - cover) + blue * cover;
    }
  }
}

const mixed = (from: Colour, to: Colour, share: number): Colour => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/** Opaque, in the byte order of a little-endian RGBA pixel. */
const packed = ([red, green, blue]: Colour): number =>
  ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;

/** Hue in degrees, saturation and lightness 0 to 1. */
function colour(hue: number, saturation: number, lightness: number): Colour {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const turn = (offset + hue / 30) % 12;
    return 255 * (lightness - reach * Math.max(-1, Math.min(turn - 3, 9 - turn, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}
