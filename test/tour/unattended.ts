import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from 'jpeg-js';
import type { Page } from 'playwright-core';
import { inPage } from '../browser/drive/in-page';
import { OPTIONS, result, type Stage } from '../browser/stage';
import { chooseByLetter, rightClick, selectByMouse } from './native-menu';
import { keyLabel, setUp } from './set-up';
import { type Step, shown } from './steps';
import { downloadInto, fillScreen } from './window';

const sentence =
  'A small white lighthouse on a green cliff at dusk, its lamp just lit, in loose watercolour.';
const question = 'Why does the sky turn red in the evening?';
const size = { width: 768, height: 512 };

/** The whole way of a person, with nobody there: vault, key, selected text, image, text. */
export async function unattended(stage: Stage, page: Page, folder: string, step: Step): Promise<void> {
  const { chromium, runware } = stage;
  await fillScreen(page);
  await downloadInto(folder, page);
  const options = await chromium.page(OPTIONS);
  await step('welcome', async () => {
    await options.getByRole('button', { name: 'Create vault' }).waitFor();
    return 'Opened the options page for the first time.';
  });
  await setUp(options, step);

  await step('selection', async () => {
    await page.bringToFront();
    await selectByMouse(page, sentence);
    const selected = await page.evaluate(() => String(getSelection()));
    if (selected !== sentence) throw new Error(`“${selected}” was selected instead of “${sentence}”.`);
    return 'Selected a sentence in a page with the mouse.';
  });
  await step('menu', async () => {
    await rightClick(page, sentence);
    return 'Right-clicked it: the browser’s own menu opened.';
  });
  const popup = await throughMenu(stage, step);
  await image(popup, folder, step);
  await text(popup, step);
  await others(popup, step);
  await answerInPage(stage, page, step);

  const { entries, total } = runware.ledger;
  const tasks = entries.map(({ taskType }) => taskType).join(', ');
  if (tasks !== 'imageInference, textInference, textInference')
    throw new Error(`The stand-in billed other tasks: ${tasks}.`);
  console.log(
    `\nThe stand-in for Runware billed ${entries.length} tasks, $${total.toFixed(6)} in its own play money.`,
  );
}

async function throughMenu({ chromium }: Stage, step: Step): Promise<Page> {
  const opening = chromium.nextPopup();
  await step('popup', async () => {
    // Each is the only item of its menu with this letter.
    await chooseByLetter('r');
    await chooseByLetter('a');
    const popup = await opening;
    await waitForPrompt(popup);
    return 'Chose Runkey, “Ask something else…”: its popup has the sentence in Prompt.';
  });
  return opening;
}

async function waitForPrompt(popup: Page): Promise<void> {
  const prompt = popup.getByLabel('Prompt', { exact: true });
  let text = await prompt.inputValue({ timeout: 10_000 });
  for (let tries = 0; text !== sentence && tries < 50; tries += 1) {
    await sleep(100);
    text = await prompt.inputValue();
  }
  if (text !== sentence) throw new Error(`Prompt has “${text}”.`);
}

async function image(popup: Page, folder: string, step: Step): Promise<void> {
  await step('size', async () => {
    await popup.getByText('More options').click();
    await popup.getByLabel('Width').fill(String(size.width));
    await popup.getByLabel('Height').fill(String(size.height));
    return `Asked for ${size.width} by ${size.height} pixels.`;
  });
  await step('image', async () => {
    await popup.getByText('More options').click();
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).getByRole('img').waitFor({ timeout: 15_000 });
    await result(popup).getByText(keyLabel).waitFor({ timeout: 5_000 });
    await result(popup).getByText(keyLabel).scrollIntoViewIfNeeded();
    return `Pressed Run: the image came. ${await standing(popup)}`;
  });
  await step('save', async () => {
    const file = join(folder, 'result.jpg');
    await result(popup).getByRole('button', { name: 'Save' }).click();
    await rename(await downloaded(folder), file);
    const { width, height } = decode(await readFile(file));
    if (width !== size.width || height !== size.height)
      throw new Error(`The image is ${width} by ${height}.`);
    return `Pressed Save: ${shown(file)} is a JPG of ${width} by ${height}.`;
  });
}

/** The path of the file that was saved, once it is whole: until then an empty one keeps its name for it. */
async function downloaded(folder: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const name = (await readdir(folder)).find(file => /^runkey-.*\.jpg$/.test(file));
    if (name && (await stat(join(folder, name))).size > 0) return join(folder, name);
    await sleep(100);
  }
  throw new Error('Save saved nothing in 10 s.');
}

async function text(popup: Page, step: Step): Promise<void> {
  await step('text', async () => {
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    await popup.getByLabel('Prompt', { exact: true }).fill(question);
    await popup.getByRole('button', { name: 'Run' }).click();
    // The stand-in repeats what it was asked.
    await result(popup).getByText(question).waitFor({ timeout: 15_000 });
    await result(popup).getByText(keyLabel).waitFor({ timeout: 5_000 });
    await result(popup).getByText(keyLabel).scrollIntoViewIfNeeded();
    return `Asked “${question}”: the answer came. ${await standing(popup)}`;
  });
}

/** The first task of two other services, whose answers come at once. */
async function others(popup: Page, step: Step): Promise<void> {
  await step('workloads', async () => {
    await popup.getByLabel('Task').selectOption({ label: 'Workloads' });
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup)
      .getByText(/ shown$/)
      .waitFor({ timeout: 15_000 });
    await result(popup).getByText('Run:ai demo').scrollIntoViewIfNeeded();
    return `Asked Run:ai for its workloads: ${await result(popup)
      .getByText(/ shown$/)
      .innerText()}.`;
  });
  await step('capability', async () => {
    await popup.getByLabel('Task').selectOption({ label: 'Ask a capability' });
    await popup.getByLabel('Input', { exact: true }).fill(question);
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).getByText('Runtype demo').waitFor({ timeout: 15_000 });
    await result(popup).getByText('Runtype demo').scrollIntoViewIfNeeded();
    return 'Asked a capability of Runtype: its answer came.';
  });
}

/** A saved prompt, whose answer shows in the page. */
async function answerInPage({ chromium }: Stage, page: Page, step: Step): Promise<void> {
  await step('card', async () => {
    await page.bringToFront();
    const card = await inPage(page, chromium.extensionId);
    await selectByMouse(page, sentence);
    await rightClick(page, sentence);
    await chooseByLetter('r');
    await chooseByLetter('s');
    await card.button('Copy');
    return 'Chose the saved prompt “Summarise”: its answer shows in the page.';
  });
}

/** What the call cost and took, as the popup says it. */
const standing = (popup: Page): Promise<string> => result(popup).getByText(keyLabel).innerText();
