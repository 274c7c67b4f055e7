import { base64 } from '../bytes';
import { Failure } from '../failure';

/** Runware keeps no more of a side, px. */
const LONGEST_SIDE = 2048;
/** Of the bytes that are sent; as base64, about what `services/fields.ts` takes. */
const MOST_BYTES = 10_000_000;
/** Beyond it a browser would take long to say that it cannot, bytes. */
const MOST_READ = 200_000_000;
const QUALITY = 0.95;

/** A picture as it is sent. */
export interface Picture {
  readonly uri: string;
  /** How large it was when it had to be made smaller. */
  readonly from?: Size;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Makes of any picture that the browser can read a PNG or a JPG of at most 2048 pixels a side. Photographs
 * are drawn anew in any case: that turns them upright, and leaves the place where they were taken behind.
 * Throws `bad-input`.
 */
export async function readPicture(file: Blob): Promise<Picture> {
  if (file.size > MOST_READ) throw tooLarge('It has more than 200 MB.');
  const url = URL.createObjectURL(file);
  try {
    const image = await decoded(url);
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    const target = fitted(size);
    const smaller = target.width !== size.width || target.height !== size.height;
    const type = await typeOf(file);
    const sent =
      type === 'image/png' && !smaller
        ? new Blob([file], { type })
        : await drawn(image, target, type === 'image/jpeg' ? 'image/jpeg' : 'image/png');
    if (sent.size > MOST_BYTES) throw tooLarge(`It has ${weight(sent.size)}.`);
    const uri = `data:${sent.type};base64,${base64(new Uint8Array(await sent.arrayBuffer()))}`;
    return smaller ? { uri, from: size } : { uri };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The longer side is at most 2048 pixels, the shorter at least one. */
export function fitted({ width, height }: Size): Size {
  const factor = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

export const weight = (bytes: number): string =>
  bytes < 100_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Whether a field holds the picture itself, rather than where it lies. */
export const isPicture = (value: string): boolean => value.startsWith('data:');

async function decoded(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => {});
  if (image.naturalWidth > 0 && image.naturalHeight > 0) return image;
  throw new Failure('bad-input', 'The browser cannot read this as a picture. Choose a PNG, JPG or WEBP.');
}

/** By its first bytes: a file's name may say something else. */
async function typeOf(file: Blob): Promise<'image/png' | 'image/jpeg' | 'another'> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first === 0x89 && second === 0x50) return 'image/png';
  return first === 0xff && second === 0xd8 ? 'image/jpeg' : 'another';
}

async function drawn(image: HTMLImageElement, { width, height }: Size, type: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw tooLarge('The browser has no memory for it.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  return canvas.convertToBlob({ type, quality: QUALITY });
}

const tooLarge = (how: string): Failure =>
  new Failure('bad-input', `This picture is too large: at most 10 MB can be sent. ${how}`);
