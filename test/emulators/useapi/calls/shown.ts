import type { Asset } from '../assets';
import { filmed, pictured } from '../media';
import { isOver, statusOf, type Task } from '../tasks';
import type { World } from '../world';

/** A task as the documents show it. */
export function shownTask(task: Task, world: World) {
  const { taskId, uuid, taskType, prompt, form, explore, endpoint, replyRef } = task;
  const status = statusOf(task);
  const ratio = ratioOf(task);
  const name = `${taskType} ${uuid.slice(0, 8)}, ${prompt}`.slice(0, 100);
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    taskId,
    id: uuid,
    name,
    image: null,
    createdAt: at(task.bornAt),
    updatedAt: at(Math.max(task.bornAt, Math.min(Date.now(), task.endsAt))),
    taskType,
    options: {
      name,
      seconds: task.result.seconds || undefined,
      text_prompt: prompt,
      seed: form.seed ?? 123_456_789,
      exploreMode: explore,
      watermark: false,
      route: endpoint,
      assetGroupName: 'Generative Video',
      recordingEnabled: true,
    },
    status,
    error: status === 'FAILED' ? task.error : null,
    progressText: null,
    progressRatio: world.switches.progressForm === 'number' || ratio === null ? ratio : String(ratio),
    estimatedTimeToStartSeconds:
      status === 'PENDING' || status === 'THROTTLED' ? secondsUntil(task.throttledUntil) : null,
    artifacts: status === 'SUCCEEDED' ? artifactsOf(task, world) : [],
    sharedAsset: null,
    ...(world.switches.refInTask && replyRef && { replyRef }),
  };
}

const secondsUntil = (ms: number): number => Math.max(0, (ms - Date.now()) / 1000);

/** From 0 to 1; none before it runs. */
function ratioOf({ throttledUntil, endsAt }: Task): number | null {
  const now = Date.now();
  if (now < throttledUntil) return null;
  if (now >= endsAt) return 1;
  // Of a task that never ends a tenth is done.
  if (endsAt === Number.POSITIVE_INFINITY) return 0.1;
  return Math.floor(((now - throttledUntil) / (endsAt - throttledUntil)) * 100) / 100;
}

function artifactsOf(task: Task, world: World): readonly object[] {
  const { taskId, subscriber, result } = task;
  const { width, height, seconds } = result;
  return assetsOf(task, world)
    .filter(asset => world.assets.has(asset))
    .map(asset => ({
      assetId: asset.assetId,
      id: asset.uuid,
      createdAt: asset.createdAt,
      updatedAt: asset.createdAt,
      userId: Number(subscriber.id),
      createdBy: Number(subscriber.id),
      taskId,
      parentAssetGroupId: task.uuid,
      filename: asset.name,
      url: world.assets.url(asset),
      fileSize: String(world.assets.size(asset)),
      isDirectory: false,
      previewUrls: [world.assets.url(asset)],
      private: true,
      privateInTeam: true,
      deleted: false,
      reported: false,
      metadata: {
        ...(seconds > 0 && { frameRate: 24, duration: seconds }),
        dimensions: [width, height],
        size: { width, height },
      },
      favorite: false,
    }));
}

/** What a finished task has left in its account. */
export function assetsOf(task: Task, world: World): readonly Asset[] {
  if (!isOver(task) || task.error !== undefined) return [];
  if (task.made) return task.made;
  const { mediaType, count, seconds, width, height } = task.result;
  task.made = Array.from({ length: count }, (_, index) =>
    world.assets.add(
      task.subscriber,
      task.email,
      {
        name: `${task.prompt.slice(0, 60)} ${index + 1}`,
        mediaType,
        extension: mediaType === 'image' ? 'png' : 'mp4',
        uploaded: false,
        ...(seconds > 0 && { duration: seconds }),
      },
      mediaType === 'image' ? pictured(task.prompt, index, width, height) : filmed(task.prompt, seconds),
    ),
  );
  return task.made;
}
