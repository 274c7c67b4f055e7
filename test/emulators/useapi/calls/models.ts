interface VideoModel {
  readonly durations?:
    | { readonly least: number; readonly most: number }
    | { readonly among: readonly number[] };
  /** How many pictures to go by. */
  readonly images?: readonly [least: number, most: number];
  /** The longest prompt. */
  readonly prompt?: number;
  /** Whether the first and the last picture may be given as such. */
  readonly keyframes?: boolean;
}

const kling: VideoModel = { durations: { among: [5, 10, 15] }, images: [0, 2] };

/** The models of videos/create. What is absent is not known, and anything is taken. */
export const videoModels: Readonly<Record<string, VideoModel>> = {
  'seedance-2': { durations: { least: 4, most: 15 }, images: [0, 11], keyframes: true },
  'happyhorse-1.0': {},
  'kling-o3-4k': {},
  'kling-o3-pro': {},
  'kling-o3-standard': {},
  'kling-3.0-pro': kling,
  'kling-3.0-standard': kling,
  'kling-3.0-motion-control': {},
  'kling-2.6-pro': { durations: { among: [5, 10] } },
  'kling-2.6-i2v': { durations: { among: [5, 10] } },
  'wan-2.6-flash': {},
  'wan-2.2-animate': {},
  'veo-3.1': {},
  'sora-2': {},
  'sora-2-pro': {},
  'gen4.5': { durations: { least: 2, most: 10 }, images: [0, 1], prompt: 5000 },
  gen4: { durations: { among: [5, 10] }, images: [1, 1], prompt: 1000 },
  'gen4-turbo': { durations: { among: [5, 10] }, images: [1, 1], prompt: 1000 },
};
