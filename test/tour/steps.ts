import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readScreen } from './screen';

/** What a step did, in a sentence. */
type Done = string;
/** Does one step of the tour and tells of it. */
export type Step = (name: string, work: () => Promise<Done>) => Promise<void>;

/** The browser needs a moment to bring to the screen what its pages already know, ms. */
const PAINTING = 250;

export class StepFailed extends Error {
  constructor(
    readonly step: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Steps that are only said. */
export const sayStep: Step = async (name, work) => {
  try {
    console.log(`  ${await work()}`);
  } catch (thrown) {
    throw new StepFailed(name, thrown);
  }
};

/** Steps that also leave a picture of the screen each, in an emptied folder. */
export async function picturedSteps(folder: string, screen: string): Promise<Step> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  let number = 0;
  return async (name, work) => {
    number += 1;
    const file = join(folder, `${String(number).padStart(2, '0')}-${name}.png`);
    try {
      const done = await work();
      await takePicture(screen, file);
      console.log(`  ${shown(file)}  ${done}`);
    } catch (thrown) {
      const failed = file.replace(/\.png$/, '-failed.png');
      await takePicture(screen, failed);
      console.log(`  ${shown(failed)}  FAILED`);
      throw new StepFailed(name, thrown);
    }
  };
}

async function takePicture(screen: string, file: string): Promise<void> {
  await sleep(PAINTING);
  await writeFile(file, await readScreen(screen));
}

export const shown = (file: string): string => relative(process.cwd(), file).replaceAll('\\', '/');
