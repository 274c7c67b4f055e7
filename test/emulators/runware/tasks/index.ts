import { accountManagement } from './account';
import { promptEnhance } from './enhance';
import { imageInference } from './image';
import type { TaskKind } from './kind';
import { modelSearch } from './models';
import { audioInference, videoInference } from './recording';
import { caption, imageMasking, removeBackground, upscale } from './retouch';
import { imageUpload, mediaStorage } from './storage';
import { textInference } from './text';
import { vectorize } from './vectorize';

const all: readonly TaskKind[] = [
  imageInference,
  textInference,
  promptEnhance,
  caption,
  upscale,
  removeBackground,
  imageMasking,
  vectorize,
  audioInference,
  videoInference,
  imageUpload,
  mediaStorage,
  modelSearch,
  accountManagement,
];

export const taskKinds: ReadonlyMap<string, TaskKind> = new Map(all.map(kind => [kind.taskType, kind]));
