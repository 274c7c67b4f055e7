import { numberOf, textOf } from '../wire';
import type { TaskKind } from './kind';

const MANNERS = [
  'in soft morning light',
  'painted in broad strokes',
  'seen from far above',
  'close up, every detail sharp',
  'on a quiet rainy evening',
];

export const promptEnhance: TaskKind = {
  taskType: 'promptEnhance',
  deliveries: ['sync', 'async'],
  check(fields) {
    fields.model(false);
    fields.text('prompt', { required: true, min: 1, max: 300 });
    fields.integer('promptMaxLength', { required: true, min: 12, max: 400 });
    fields.integer('promptVersions', { required: true, min: 1, max: 5 });
    fields.flag('includeCost');
  },
  count: task => numberOf(task.promptVersions, 1),
  price: () => 0.0001,
  make(task, index) {
    const words =
      `${textOf(task.prompt)}, ${MANNERS[index % MANNERS.length]} (enhanced by the emulator)`.split(' ');
    return { text: words.slice(0, numberOf(task.promptMaxLength, 400)).join(' ') };
  },
};
