import { drawSvg } from '../media/svg';
import { textOf } from '../wire';
import type { TaskKind } from './kind';
import { checkOutput, handOut } from './output';
import { checkSource, sourceImage } from './source';

export const vectorize: TaskKind = {
  taskType: 'vectorize',
  deliveries: ['sync', 'async'],
  check(fields, desk) {
    fields.model();
    if (fields.task.positivePrompt === undefined) checkSource(fields, desk);
    fields.text('positivePrompt', { min: 2, max: 3000 });
    checkOutput(fields, ['SVG']);
  },
  price: () => 0.01,
  make(task, _index, desk) {
    const prompt = textOf(task.positivePrompt);
    const { width, height } = prompt ? { width: 512, height: 512 } : sourceImage(task, desk);
    return handOut(
      task,
      'image',
      Buffer.from(drawSvg(prompt || `${width}x${height}`, width, height)),
      'svg',
      desk,
    );
  },
};
