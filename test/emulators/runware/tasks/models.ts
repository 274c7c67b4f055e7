import { numberOf, textOf } from '../wire';
import type { TaskKind } from './kind';

const catalogue = [
  ['runware:100@1', 'FLUX.1 schnell', 'checkpoint', 'flux1s'],
  ['runware:101@1', 'FLUX.1 dev', 'checkpoint', 'flux1d'],
  ['runware:400@1', 'FLUX.2 dev', 'checkpoint', 'flux2'],
  ['runware:400@2', 'FLUX.2 klein 9B', 'checkpoint', 'flux2'],
  ['runware:400@4', 'FLUX.2 klein 4B', 'checkpoint', 'flux2'],
  ['runware:109@1', 'RemBG 1.4', 'checkpoint', 'rembg'],
  ['google:gemma@4-31b', 'Gemma 4 31B', 'checkpoint', 'gemma'],
  ['xai:tts@0', 'xAI TTS', 'checkpoint', 'tts'],
] as const;

export const modelSearch: TaskKind = {
  taskType: 'modelSearch',
  deliveries: ['sync'],
  instant: true,
  check(fields) {
    fields.text('search', { required: true });
    fields.integer('limit', { min: 1, max: 100 });
    fields.integer('offset', { min: 0 });
  },
  make(task) {
    const wanted = textOf(task.search).toLowerCase();
    const found = catalogue.filter(([air, name]) => `${air} ${name}`.toLowerCase().includes(wanted));
    const offset = numberOf(task.offset, 0);
    const results = found.slice(offset, offset + numberOf(task.limit, 20)).map(model => {
      const [air, name, category, architecture] = model;
      const heroImage = `https://im.runware.ai/image/model/${encodeURIComponent(air)}.jpg`;
      return { air, name, category, architecture, heroImage, private: false, tags: [] };
    });
    return { totalResults: found.length, results };
  },
};
