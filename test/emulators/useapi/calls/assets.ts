import type { Answer } from '../../loopback/wire';
import type { Asset, MediaType } from '../assets';
import { badParam } from '../failures';
import { decoded } from '../ids';
import { Params } from '../params';
import { accountRead } from '../selection';
import type { Visit, World } from '../world';
import { assetsOf } from './shown';
import { pageOf } from './tasks';

/** What may be uploaded, with its file extension. */
const types: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/3gpp': '3gp',
  'video/x-matroska': 'mkv',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/mp2t': 'ts',
  'video/x-msvideo': 'avi',
  'video/x-motion-jpeg': 'mjpeg',
  'video/webm': 'webm',
  'video/ogg': 'ogv',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/webm': 'webm',
};

const mediaTypes: readonly MediaType[] = ['image', 'video', 'audio'];

export function listAssets({ call, subscriber, world }: Visit): Answer {
  const params = Params.ofQuery(call);
  const { offset, limit } = pageOf(params);
  const mediaType = params.text('mediaType', { among: mediaTypes });
  const { email } = accountRead(subscriber, params.text('email'));
  for (const task of world.tasks.of(subscriber, email)) assetsOf(task, world);
  const assets = world.assets
    .of(subscriber, email)
    .filter(asset => mediaType === undefined || asset.mediaType === mediaType)
    .slice(offset, offset + limit)
    .map(asset => shown(asset, world));
  return { status: 200, body: world.switches.listForm === 'bare' ? assets : { assets } };
}

/** The body is the file itself. */
export function uploadAsset({ call, subscriber, world }: Visit): Answer {
  const params = Params.ofQuery(call);
  const name = params.text('name', { required: true }) ?? '';
  const duration = params.integer('duration', { least: 0 });
  for (const side of ['width', 'height']) params.integer(side, { least: 1 });
  const extension = types[call.type];
  const mediaType = mediaTypes.find(type => call.type.startsWith(`${type}/`));
  if (!extension || !mediaType) throw badParam(`Content-Type ${call.type || 'none'} is not supported`);
  if (call.bytes.length === 0) throw badParam('The body is empty');
  const { email } = accountRead(subscriber, params.text('email'));
  const file = { bytes: call.bytes, mime: call.type };
  const asset = world.assets.add(
    subscriber,
    email,
    { name, mediaType, extension, uploaded: true, ...(duration !== undefined && { duration }) },
    () => file,
  );
  return { status: 200, body: shown(asset, world) };
}

export function readAsset(visit: Visit, raw: string): Answer {
  return { status: 200, body: shown(found(visit, raw), visit.world) };
}

export function deleteAsset(visit: Visit, raw: string): Answer {
  visit.world.assets.remove(found(visit, raw));
  return { status: 200, body: { success: true } };
}

function found({ subscriber, world }: Visit, raw: string): Asset {
  const asset = world.assets.find(decoded(raw, world.switches), subscriber);
  accountRead(subscriber, asset.email);
  return asset;
}

function shown(asset: Asset, { assets }: World) {
  const { assetId, uuid, email, name, mediaType, createdAt, uploaded, duration } = asset;
  const user = {
    id: Number(asset.subscriber.id),
    username: email.split('@')[0],
    firstName: 'Ada',
    lastName: 'Lovelace',
    picture: null,
    teamName: 'Studio',
    teamPicture: null,
  };
  return {
    assetId,
    id: uuid,
    user,
    createdAt,
    updatedAt: createdAt,
    name,
    description: '',
    type: { name: mediaType, type: mediaType, isDirectory: false },
    size: assets.size(asset),
    url: assets.url(asset),
    previewUrls: [assets.url(asset)],
    fileCount: 1,
    private: true,
    permissions: { read: true, write: true, admin: true },
    ...(duration !== undefined && { metadata: { duration } }),
    annotated: false,
    isUserUpload: uploaded,
    sourceApplication: 'web',
    createdBy: user,
    favorite: false,
  };
}
