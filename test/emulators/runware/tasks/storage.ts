import type { Fields } from '../fields';
import { decode } from '../media/raster';
import { isUuid, textOf } from '../wire';
import type { Desk, TaskKind } from './kind';
import { bytesOf, isRemote } from './source';

export const mediaStorage: TaskKind = {
  taskType: 'mediaStorage',
  deliveries: ['sync'],
  instant: true,
  check(fields, desk) {
    fields.choice('operation', ['upload', 'delete'], true);
    fields.text('media', { required: true });
    if (fields.failures.length > 0) return;
    const media = textOf(fields.task.media);
    if (fields.task.operation === 'upload') checkUpload(fields, 'media');
    else if (!isUuid(media) || !desk.shelf.find(media)) {
      const message = "'media' is not stored here.";
      fields.fail({ code: 'mediaNotFound', message, parameter: 'media', type: 'string' });
    }
  },
  make({ operation, media }, _index, desk) {
    if (operation === 'upload') {
      const { uuid, url } = store(textOf(media), desk);
      return { operation, mediaUUID: uuid, mediaURL: url };
    }
    desk.shelf.remove(textOf(media));
    return { operation, mediaUUID: media };
  },
};

/** Deprecated, and still what older clients send. */
export const imageUpload: TaskKind = {
  taskType: 'imageUpload',
  deliveries: ['sync'],
  instant: true,
  check(fields) {
    fields.text('image', { required: true });
    if (fields.failures.length === 0) checkUpload(fields, 'image');
  },
  make({ image }, _index, desk) {
    const { uuid, url } = store(textOf(image), desk);
    return { imageUUID: uuid, imageURL: url };
  },
};

/** Nothing is fetched from outside, so an upload has to bring its bytes. */
function checkUpload(fields: Fields, name: string): void {
  const value = textOf(fields.task[name]);
  if (isRemote(value))
    fields.unsupported(name, 'This emulator takes data URIs and base64, it fetches no addresses.');
  else if (!decode(bytesOf(value))) fields.wrong(name, 'string', `'${name}' must be a PNG or JPG image.`);
}

function store(media: string, desk: Desk) {
  const bytes = bytesOf(media);
  return desk.shelf.put(bytes, bytes[0] === 0x89 ? 'png' : 'jpg');
}
