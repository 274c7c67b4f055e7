import { badParam, missingParam } from '../failures';
import type { Params } from '../params';
import type { Result } from '../tasks';
import { videoModels } from './models';

/** What a create endpoint makes of its parameters; those that all endpoints share are read elsewhere. */
export interface Wanted {
  readonly taskType: string;
  readonly prompt: string;
  readonly assetIds: readonly string[];
  readonly result: Result;
  /** Runway credits. The right order of magnitude, no more. */
  readonly credits: number;
}

export type Rule = (params: Params, imageModelOptional: boolean) => Wanted;

const ratios = ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9'];

const styles =
  'vivid,vivid-warm,vivid-cool,high-contrast,high-contrast-warm,high-contrast-cool,bw,bw-contrast,muted-pastel,dreamscape,nordic-minimal,light-anime,dark-anime,painted-anime,3d-cartoon,sketch,low-angle,in-motion,terracotta'.split(
    ',',
  );

/** By path. */
export const rules: Readonly<Record<string, Rule>> = {
  'frames/create': params => {
    const prompt = params.text('text_prompt', { required: true, most: 1000 }) ?? '';
    const assetIds = assetsOf(params, 'imageAssetId', 3);
    look(params);
    const count = params.integer('num_images', { among: [1, 4] }) ?? 4;
    const ratio = params.text('aspect_ratio', { among: ratios });
    return { taskType: 'frames', prompt, assetIds, result: images(count, ratio), credits: 8 * count };
  },

  'images/create': (params, modelOptional) => {
    const model = params.text('model', { required: !modelOptional, among: Object.keys(imageModels) });
    const [least, most] = imageModels[model ?? 'nano-banana'] ?? [0, 3];
    const prompt = params.text('text_prompt', { required: true, most: 5000 }) ?? '';
    const assetIds = assetsOf(params, 'imageAssetId', 14);
    demandCount(assetIds, least, most, model ?? '');
    look(params);
    params.text('resolution', { among: ['720p', '1080p', '1K', '2K', '4K'] });
    const count = params.integer('num_images', { among: [1, 4] }) ?? 1;
    const ratio = params.text('aspect_ratio', { among: ratios });
    return { taskType: model ?? 'image', prompt, assetIds, result: images(count, ratio), credits: 5 * count };
  },

  'videos/create': params => {
    const model = params.text('model', { among: Object.keys(videoModels) }) ?? 'gen4.5';
    const { durations, prompt: most, images: range, keyframes = false } = videoModels[model] ?? {};
    const frames = keyframes ? ['startFrameAssetId', 'endFrameAssetId'] : [];
    const pictures = [...assetsOf(params, 'imageAssetId', 11), ...named(params, frames)];
    demandCount(pictures, range?.[0] ?? 0, range?.[1] ?? 11, model);
    const films = named(params, ['videoAssetId', 'videoAssetId2', 'videoAssetId3']);
    const sounds = named(params, ['audioAssetId1', 'audioAssetId2', 'audioAssetId3']);
    const assetIds = [...pictures, ...films, ...sounds];
    const prompt = params.text('text_prompt', { required: assetIds.length === 0, most: most ?? 5000 }) ?? '';
    const seconds = params.integer('duration', durations ?? { least: 1, most: 60 }) ?? 5;
    const ratio = params.text('aspect_ratio', { among: ratios });
    if (model === 'gen4.5' && pictures.length === 0 && ratio && ratio !== '16:9') {
      throw badParam(`Param aspect_ratio value ${ratio} is not supported, supported values: 16:9`);
    }
    params.text('resolution');
    params.flag('audio');
    seeded(params);
    return { taskType: model, prompt, assetIds, result: video(seconds, ratio), credits: 12 * seconds };
  },

  'gen4_5/create': params => {
    const assetIds = named(params, ['firstImage_assetId']);
    const prompt = params.text('text_prompt', { required: assetIds.length === 0, most: 5000 }) ?? '';
    return clip('gen4.5', params, prompt, assetIds, [5, 8, 10], 12);
  },

  'gen4/create': params => animated('gen4', params, 12),
  'gen4turbo/create': params => animated('gen4_turbo', params, 5),

  'gen3turbo/create': params => {
    const assetIds = named(params, ['firstImage_assetId', 'lastImage_assetId']);
    const prompt = params.text('text_prompt', { required: assetIds.length === 0, most: 512 }) ?? '';
    return clip('gen3a_turbo', params, prompt, assetIds, [5, 10], 5, ['landscape', 'portrait']);
  },

  'gen4/video': params => {
    const films = [params.text('video_assetId', { required: true }) ?? ''];
    const prompt = params.text('text_prompt', { required: true, most: 1000 }) ?? '';
    seeded(params);
    const assetIds = [...films, ...named(params, ['image_assetId'])];
    return { taskType: 'gen4_aleph', prompt, assetIds, result: video(5), credits: 75 };
  },

  'gen4/upscale': params => enlarged(params, 'assetId'),
  'videos/upscale': params => enlarged(params, 'videoAssetId'),

  'lipsync/create': params => {
    const seen = named(params, ['image_assetId', 'video_assetId']);
    if (seen.length !== 1) throw badParam('Provide either image_assetId or video_assetId');
    const sounds = named(params, ['audio_assetId']);
    params.text('voiceId', { required: sounds.length === 0 });
    const prompt = params.text('voice_text', { required: sounds.length === 0, most: 1000 }) ?? '';
    params.text('model_id');
    return { taskType: 'lip_sync', prompt, assetIds: [...seen, ...sounds], result: video(5), credits: 25 };
  },
};

/** How many pictures to go by. */
const imageModels: Readonly<Record<string, readonly [least: number, most: number]>> = {
  'nano-banana': [0, 3],
  'nano-banana-pro': [0, 14],
  gen4: [0, 3],
  'gen4-turbo': [1, 3],
};

function animated(taskType: string, params: Params, each: number): Wanted {
  const assetIds = [params.text('firstImage_assetId', { required: true }) ?? ''];
  const prompt = params.text('text_prompt', { most: 1000 }) ?? '';
  return clip(taskType, params, prompt, assetIds, [5, 10], each);
}

function clip(
  taskType: string,
  params: Params,
  prompt: string,
  assetIds: readonly string[],
  durations: readonly number[],
  each: number,
  shapes: readonly string[] = ratios,
): Wanted {
  const seconds = params.integer('seconds', { among: durations }) ?? 5;
  const ratio = params.text('aspect_ratio', { among: shapes });
  seeded(params);
  return { taskType, prompt, assetIds, result: video(seconds, ratio), credits: each * seconds };
}

function enlarged(params: Params, name: string): Wanted {
  const assetIds = [params.text(name, { required: true }) ?? ''];
  return { taskType: 'upscale_video', prompt: '', assetIds, result: video(5), credits: 10 };
}

function look(params: Params): void {
  params.text('style', { among: styles });
  params.integer('diversity', { least: 0, most: 5 });
  seeded(params);
}

const seeded = (params: Params) => params.integer('seed', { least: 1, most: 4_294_967_294 });

const named = (params: Params, names: readonly string[]): readonly string[] =>
  names.flatMap(name => params.text(name) ?? []);

const assetsOf = (params: Params, name: string, most: number): readonly string[] =>
  named(
    params,
    Array.from({ length: most }, (_, index) => `${name}${index + 1}`),
  );

function demandCount(assetIds: readonly string[], least: number, most: number, model: string): void {
  if (assetIds.length < least) throw missingParam('imageAssetId1');
  if (assetIds.length > most) throw badParam(`Model ${model} supports up to ${most} reference images`);
}

/** A small one stands for the full size, of the shape that was asked for. */
function images(count: number, ratio = '16:9'): Result {
  const [across = 16, down = 9] = ratio.split(':').map(Number);
  const unit = 256 / Math.max(across, down);
  const [width, height] = [Math.round(across * unit), Math.round(down * unit)];
  return { mediaType: 'image', count, seconds: 0, width, height };
}

function video(seconds: number, ratio = '16:9'): Result {
  const upright = ratio === '9:16' || ratio === '3:4' || ratio === 'portrait';
  const [width, height] = upright ? [768, 1280] : [1280, 768];
  return { mediaType: 'video', count: 1, seconds, width, height };
}
