import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Stage, setWholeStage } from '../browser/stage';
import { attended } from './attended';
import { hostPage } from './host-page';
import { permitted } from './set-up';
import { picturedSteps, StepFailed } from './steps';
import { unattended } from './unattended';

// A guided tour of the built extension. A person at a display gets Runkey set up and is left to try it. Where nobody
// can see a window (test/main.mjs says so), the tour goes through by itself and leaves pictures behind.

const folder = fileURLToPath(new URL('../../out/tour', import.meta.url));
const alone = process.env.RUNKEY_TOUR === 'unattended';
const screen = process.env.RUNKEY_TOUR_PICTURE ?? '';

const began = performance.now();
await mkdir(folder, { recursive: true });
const host = await hostPage();
const stage = await setWholeStage({ permitted, chromium: { headless: false } });
let failed = false;
try {
  console.log(
    alone ? 'Nobody can see a window here, so the tour goes through by itself.' : 'Setting Runkey up.',
  );
  // The driver's own tab, so that no empty one stands beside it.
  const page = stage.chromium.context.pages()[0] ?? (await stage.chromium.context.newPage());
  await page.goto(host.url);
  if (alone) await unattended(stage, page, folder, await picturedSteps(folder, screen));
  else await attended(stage, page, folder);
  if (alone) console.log(`Everything worked, in ${((performance.now() - began) / 1000).toFixed(0)} s.`);
} catch (thrown) {
  failed = true;
  console.log(
    `\n${thrown instanceof StepFailed ? `The step “${thrown.step}” failed` : 'The tour failed'}: ${wordsOf(thrown)}`,
  );
  await tellWhatIsShown(stage);
}
await stage.close();
host.close();
process.exit(failed ? 1 : 0);

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What is on each page, for whoever has to find out what went wrong. */
async function tellWhatIsShown({ chromium }: Stage): Promise<void> {
  for (const page of chromium.context.pages()) {
    const text = await page.locator('body').innerText({ timeout: 2_000 }).catch(wordsOf);
    console.log(`\n${new URL(page.url()).pathname} shows:\n${text.slice(0, 1_000)}`);
  }
  if (chromium.consoleLines.length > 0) console.log(`\nConsole:\n${chromium.consoleLines.join('\n')}`);
}
