import type { Bytes } from '../../bytes';
import type { AudioType, ImageType, VideoType } from '../service';

export type Medium =
  | { readonly type: 'image'; readonly mime: ImageType }
  | { readonly type: 'audio'; readonly mime: AudioType }
  | { readonly type: 'video'; readonly mime: VideoType };

/** What bytes are, by how they begin: what a service says of them is not relied on. */
export function mediumOf(bytes: Bytes): Medium | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 512));
  const at = (place: number, text: string) => head.startsWith(text, place);
  if (at(0, '\xff\xd8\xff')) return { type: 'image', mime: 'image/jpeg' };
  if (at(0, '\x89PNG\r\n\x1a\n')) return { type: 'image', mime: 'image/png' };
  if (at(0, 'RIFF') && at(8, 'WEBP')) return { type: 'image', mime: 'image/webp' };
  if (/^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(head))
    return { type: 'image', mime: 'image/svg+xml' };
  if (at(0, 'RIFF') && at(8, 'WAVE')) return { type: 'audio', mime: 'audio/wav' };
  if (at(0, 'fLaC')) return { type: 'audio', mime: 'audio/flac' };
  if (at(0, 'OggS')) return { type: 'audio', mime: 'audio/ogg' };
  if (at(0, 'ID3') || /^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/.test(head))
    return { type: 'audio', mime: 'audio/mpeg' };
  if (at(4, 'ftypqt')) return { type: 'video', mime: 'video/quicktime' };
  if (at(4, 'ftyp')) return { type: 'video', mime: 'video/mp4' };
  if (at(0, '\x1a\x45\xdf\xa3')) return { type: 'video', mime: 'video/webm' };
  return undefined;
}
