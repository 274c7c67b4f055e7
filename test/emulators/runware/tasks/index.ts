import { imageInference } from './image';
import type { TaskKind } from './kind';
import { textInference } from './text';

const all: readonly TaskKind[] = [imageInference, textInference];

export const taskKinds: ReadonlyMap<string, TaskKind> = new Map(all.map(kind => [kind.taskType, kind]));
