import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import axe, { type AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { demoKey, type Task } from '../emulators/runware/index';
import {
  addRunwareKey,
  alertIn,
  askFrom,
  createVault,
  lock,
  OPTIONS,
  openMore,
  POPUP,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const SPARE = 'spare-runware-key-0123456789abcdef';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// This machine may be busy.
vi.setConfig({ testTimeout: 60_000 });
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });

let stage: Stage;
let options: Page;
let popup: Page;

beforeAll(async () => {
  stage = await setStage({
    runware: { keys: { [demoKey]: { label: 'demo', balance: 100 }, [SPARE]: { balance: 0.4 } } },
    chromium: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, 'plum anchor violin north');
  await addRunwareKey(options, 'Work', demoKey);
  await addRunwareKey(options, 'Spare', SPARE);
  await dearFrom(1_000);
  popup = await stage.chromium.openPopup();
});
afterAll(() => stage.close());
afterEach(() => {
  stage.runware.faults.clear();
  Object.assign(stage.runware.switches, { taskMs: 60, deltaMs: 5 });
});

const dearFrom = (dear: number) => askFrom(options, 'settings.setMoney', { money: { dear } });
const field = (label: string) => popup.getByLabel(label, { exact: true });
const button = (name: string, within: Page | Locator = popup) =>
  within.getByRole('button', { name, exact: true });
const recent = (words: string) =>
  popup.getByRole('region', { name: 'Recent' }).getByRole('listitem').filter({ hasText: words });
const choose = (label: string) => field('Task').selectOption({ label });

/** Runs what the form holds, and waits for the end of it. */
async function run(): Promise<void> {
  await button('Run').click();
  await result(popup)
    .getByText(/ · \d+\.\d s · /)
    .waitFor();
}

const imageSize = (image: Locator = result(popup).getByRole('img')) =>
  image.evaluate(async (it: HTMLImageElement) => {
    await it.decode();
    return [it.naturalWidth, it.naturalHeight];
  });

const png = (width: number, height: number) => {
  const picture = new PNG({ width, height });
  picture.data.fill(200);
  return PNG.sync.write(picture, { filterType: 0 });
};
const file = (buffer: Buffer, name = 'picture.png', mimeType = 'image/png') => ({ name, mimeType, buffer });
/** Drops a picture in a format that needs no encoding (BMP): of noise, which no format makes small, or black. */
async function drop(width: number, height: number, noise = false): Promise<void> {
  const dataTransfer = await popup.evaluateHandle(
    ([wide, high, noisy]) => {
      const head = new DataView(new ArrayBuffer(54));
      const pixels = new Uint8Array(wide * high * 3);
      for (const [at, value] of [
        [2, 54 + pixels.length],
        [10, 54],
        [14, 40],
        [18, wide],
        [22, high],
        [26, 0x18_0001],
      ] as const) {
        head.setUint32(at, value, true);
      }
      head.setUint16(0, 0x424d);
      for (let at = 0; noisy && at < pixels.length; at += 65_536) {
        crypto.getRandomValues(pixels.subarray(at, at + 65_536));
      }
      const data = new DataTransfer();
      data.items.add(new File([head, pixels], 'dropped.bmp', { type: 'image/bmp' }));
      return data;
    },
    [width, height, noise] as const,
  );
  await popup.locator('.picture').dispatchEvent('drop', { dataTransfer });
}
const preview = () => popup.locator('.preview');

describe('the Task field', () => {
  test('offers all that Runware does', async () => {
    expect(await field('Task').getByRole('option').allInnerTexts()).toEqual([
      'Image',
      'Image from image',
      'Edit image',
      'Text',
      'Enhance prompt',
      'Describe image',
      'Upscale',
      'Remove background',
      'Vectorize',
      'Mask',
      'Speech',
      'Music and sound',
      'Video',
      'Store picture',
      'Delete stored picture',
      'Find models',
    ]);
  });
});

describe('every task, from its form to its result:', () => {
  test('Image', async () => {
    await field('Prompt').fill('A lighthouse at dusk');
    await run();
    expect(await imageSize(result(popup).getByRole('img', { name: 'A lighthouse at dusk' }))).toEqual([
      1024, 1024,
    ]);
  });

  test('Image from image, whose prompt came along and whose picture is a file', async () => {
    await choose('Image from image');
    expect(await field('Prompt').inputValue()).toBe('A lighthouse at dusk');
    await field('Picture').setInputFiles(file(png(320, 200)));
    await preview().getByText('PNG · 320 × 200').waitFor();
    await run();
    expect(await imageSize()).toEqual([1024, 1024]);
  });

  test('Edit image, with the picture of the task before', async () => {
    await choose('Edit image');
    await preview().getByText('PNG · 320 × 200').waitFor();
    await run();
    expect(await imageSize()).toEqual([1024, 1024]);
  });

  test('Enhance prompt, in two versions', async () => {
    await choose('Enhance prompt');
    await openMore(popup);
    await field('Versions').fill('2');
    await run();
    const answers = result(popup).locator('.answer');
    expect(await answers.count()).toBe(2);
    expect(new Set(await answers.allInnerTexts()).size).toBe(2);
  });

  test('Describe image, whose optional question does not come along', async () => {
    await choose('Describe image');
    expect(await field('Question').inputValue()).toBe('');
    await field('Picture').setInputFiles(file(png(320, 200)));
    await run();
    expect(await result(popup).locator('.answer').innerText()).toContain('320 by 200');
  });

  test('Upscale', async () => {
    await choose('Upscale');
    await run();
    expect(await imageSize()).toEqual([640, 400]);
  });

  test('Remove background', async () => {
    await choose('Remove background');
    await run();
    expect(await imageSize(result(popup).getByRole('img', { name: 'Remove background' }))).toEqual([
      320, 200,
    ]);
  });

  test('Vectorize, shown as a drawing and saved and copied as one', async () => {
    await choose('Vectorize');
    await run();
    expect((await imageSize())[0]).toBeGreaterThan(0);
    const [download] = await Promise.all([
      popup.waitForEvent('download'),
      button('Save', result(popup)).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.svg$/);
    const saved = await readFile(await download.path(), 'utf8');
    expect(saved).toContain('<svg');
    await button('Copy', result(popup)).click();
    await button('Copied', result(popup)).waitFor();
    expect(await popup.evaluate(() => navigator.clipboard.readText())).toBe(saved);
  });

  test('Mask, with what the service says of it', async () => {
    await choose('Mask');
    await run();
    expect(await imageSize()).toEqual([320, 200]);
    await result(popup).getByText('1 found').waitFor();
  });

  test.each(['Speech', 'Music and sound'])('%s', async label => {
    await choose(label);
    await field('Prompt').fill('Good morning, harbour');
    await run();
    const audio = result(popup).locator('audio');
    await eventually(() => audio.evaluate((it: HTMLAudioElement) => it.readyState)).toBeGreaterThan(0);
    expect(await audio.evaluate((it: HTMLAudioElement) => it.duration)).toBeGreaterThan(0.5);
    await button('Save', result(popup)).waitFor();
  });

  test('Video, at a host that Runkey may not fetch from: as a link', async () => {
    await choose('Video');
    await field('Prompt').fill('Gulls over the harbour');
    await run();
    await result(popup).getByText('The film lies at vm.runware.ai').waitFor();
    const link = result(popup).getByRole('link', { name: 'Open' });
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/vm\.runware\.ai\//);
    expect(await link.getAttribute('rel')).toContain('noreferrer');
    expect(await link.getAttribute('target')).toBe('_blank');
  });

  test('Video, as a film that plays', async () => {
    const film = await recorded();
    stage.runware.faults.add({
      kind: 'error',
      when: ofType('videoInference'),
      body: task => filmOf(task, film),
    });
    await run();
    const video = result(popup).locator('video');
    await eventually(() => video.evaluate((it: HTMLVideoElement) => it.readyState)).toBeGreaterThan(0);
    expect(await video.evaluate((it: HTMLVideoElement) => it.videoWidth)).toBe(64);
  });

  test('a film that the browser cannot play is said to be one, and can be saved', async () => {
    const noFilm = Buffer.concat([Buffer.from([0, 0, 0, 16]), Buffer.from('ftypisom\0\0\0\0')]);
    stage.runware.faults.add({
      kind: 'error',
      when: ofType('videoInference'),
      body: task => filmOf(task, noFilm.toString('base64')),
    });
    await run();
    await result(popup).getByText('The browser cannot play this film.').waitFor();
    const [download] = await Promise.all([
      popup.waitForEvent('download'),
      button('Save', result(popup)).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.mp4$/);
  });

  test('a film that is larger than any message is saved whole', { timeout: 150_000 }, async () => {
    const large = randomBytes(50 * 2 ** 20);
    large.write('\0\0\0\x10ftypisom\0\0\0\0', 'latin1');
    stage.runware.faults.add({
      kind: 'error',
      when: ofType('videoInference'),
      body: task => filmOf(task, large.toString('base64')),
    });
    await button('Run').click();
    await result(popup).getByText('The browser cannot play this film.').waitFor({ timeout: 120_000 });
    const [download] = await Promise.all([
      popup.waitForEvent('download'),
      button('Save', result(popup)).click(),
    ]);
    expect(large.equals(await readFile(await download.path()))).toBe(true);
  });

  let stored = '';
  test('Store picture, which gives an id to copy', async () => {
    await choose('Store picture');
    await field('Picture').setInputFiles(file(png(96, 64)));
    await run();
    await button('Copy', result(popup)).click();
    await button('Copied', result(popup)).waitFor();
    stored = await popup.evaluate(() => navigator.clipboard.readText());
    expect(stored).toMatch(UUID);
    expect(await result(popup).innerText()).toContain(stored);
    expect(await result(popup).innerText()).toContain('Free · ');
  });

  test('Upscale, of the stored picture by its id', async () => {
    await choose('Upscale');
    await button('Remove').click();
    await field('Address or id').fill(stored);
    await run();
    expect(await imageSize()).toEqual([192, 128]);
  });

  test('Delete stored picture', async () => {
    await choose('Delete stored picture');
    await field('Id').fill(stored);
    await run();
    await result(popup).getByText('Deleted').waitFor();
  });

  test('Find models', async () => {
    await choose('Find models');
    await field('Search').fill('flux');
    await run();
    const rows = result(popup).getByRole('listitem');
    await result(popup)
      .getByText(`${await rows.count()} of 5 shown`)
      .waitFor();
    await button('Copy', rows.filter({ hasText: 'FLUX.1 dev' })).click();
    await button('Copied', result(popup)).waitFor();
    expect(await popup.evaluate(() => navigator.clipboard.readText())).toBe('runware:101@1');
  });

  test('Text, which grows as it comes, and says so where it was cut', async () => {
    await choose('Text');
    await openMore(popup);
    await field('Prompt').fill('Tell me of the harbour');
    await field('Longest answer').fill('12');
    stage.runware.switches.deltaMs = 120;
    await button('Run').click();
    const answer = result(popup).locator('.answer');
    const lengths = new Set<number>();
    await eventually(async () => {
      if (await answer.count()) lengths.add((await answer.innerText()).length);
      return result(popup).innerText();
    }).toContain('It ends here because the longest answer is reached');
    expect(lengths.size).toBeGreaterThan(2);
    expect(await answer.count()).toBe(1);
    await field('Longest answer').fill('1024');
  });
});

describe('a picture', () => {
  beforeAll(() => choose('Describe image'));

  test('that is large is made smaller', async () => {
    await drop(2_600, 1_300);
    await preview().getByText('PNG · 2048 × 1024').waitFor();
    await preview().getByText('made smaller from 2600 × 1300').waitFor();
    await run();
    expect(await result(popup).locator('.answer').innerText()).toContain('2048 by 1024');
  });

  test('of another kind is sent as a PNG, and one that is no picture is refused at the field', async () => {
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
    await field('Picture').setInputFiles(file(gif, 'dot.gif', 'image/gif'));
    await preview().getByText('PNG · 1 × 1').waitFor();
    await field('Picture').setInputFiles(file(Buffer.from('no picture'), 'words.png'));
    await eventually(() => alertIn(popup).innerText()).toContain('cannot read this as a picture');
    expect(await field('Picture').getAttribute('aria-invalid')).toBe('true');
    await preview().getByText('PNG · 1 × 1').waitFor();
  });

  test('is removed, which leaves the keyboard at the field', async () => {
    await button('Remove').click();
    await field('Address or id').waitFor();
    await eventually(() => field('Picture').evaluate(it => it === document.activeElement)).toBe(true);
    await button('Run').click();
    await popup.getByText('Picture is missing.').waitFor();
  });

  test('is pasted from wherever the keyboard is', async () => {
    await popup.evaluate(async () => {
      const canvas = new OffscreenCanvas(48, 24);
      canvas.getContext('2d')?.fillRect(0, 0, 9, 9);
      const blob = await canvas.convertToBlob();
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    });
    await field('Question').press('Control+V');
    await preview().getByText('PNG · 48 × 24').waitFor();
  });

  test('is dropped', async () => {
    await button('Remove').click();
    await drop(40, 30);
    await preview().getByText('PNG · 40 × 30').waitFor();
  });

  test('is still there when the popup opens again', async () => {
    await popup.close();
    popup = await stage.chromium.openPopup();
    await preview().getByText('PNG · 40 × 30').waitFor();
  });

  test('that is too large to be kept takes nothing else with it, and one too large to be sent is refused', async () => {
    await field('Question').fill('What is it?');
    await drop(1_500, 1_500, true);
    await popup.getByText('too large to be kept while this is closed').waitFor({ timeout: 25_000 });
    await field('Question').pressSequentially(' And why?');
    await drop(2_000, 2_000, true);
    await alertIn(popup).getByText('too large: at most 10 MB').waitFor({ timeout: 25_000 });
    await popup.close();
    popup = await stage.chromium.openPopup();
    expect(await field('Question').inputValue()).toBe('What is it? And why?');
    expect(await preview().count()).toBe(0);
  });

  test('is given by its address', async () => {
    await field('Address or id').fill('http://pictures.example/boat.png');
    await button('Run').click();
    await popup.getByText('or the https address of one').waitFor();
    await field('Address or id').fill('https://pictures.example/boat.png');
    await run();
    await result(popup).locator('.answer').waitFor();
  });
});

describe('a model', () => {
  test('is found by a part of its name, and chosen with the keyboard', async () => {
    await choose('Image');
    await openMore(popup);
    await field('Model').fill('flux');
    await field('Model').press('Enter');
    await popup.getByText('5 found.').waitFor();
    expect(await field('Model').getAttribute('aria-expanded')).toBe('true');
    await field('Model').press('ArrowDown');
    await field('Model').press('ArrowDown');
    const chosen = await field('Model').getAttribute('aria-activedescendant');
    expect(await popup.locator(`[id="${chosen}"]`).innerText()).toContain('FLUX.1 dev');
    await field('Model').press('Enter');
    expect(await field('Model').inputValue()).toBe('runware:101@1');
    expect(await popup.getByRole('listbox').count()).toBe(0);
  });

  test('is found with the button, and chosen with the mouse', async () => {
    await field('Model').fill('klein');
    await button('Search').click();
    await popup.getByRole('listbox').getByRole('option').filter({ hasText: '4B' }).click();
    expect(await field('Model').inputValue()).toBe('runware:400@4');
  });

  test('that there is none of is said so, as is a search that failed', async () => {
    await field('Model').fill('zebra');
    await field('Model').press('Enter');
    await popup.getByText('Nothing was found for “zebra”.').waitFor();
    await field('Model').press('Escape');
    await popup.getByText('Nothing was found for “zebra”.').waitFor({ state: 'detached' });
    stage.runware.faults.add({
      kind: 'error',
      when: ofType('modelSearch'),
      failure: { code: 'modelNotFound', message: 'No.' },
    });
    await button('Search').click();
    await popup
      .locator('.lookup')
      .getByText(/does not know what was asked for/)
      .waitFor();
    await field('Model').fill('runware:400@2');
  });
});

describe('several calls', () => {
  const ask = async (prompt: string) => {
    await field('Prompt').fill(prompt);
    await button('Run').click();
    await eventually(() => result(popup).innerText()).toMatch(/Writing…|Waiting for its turn/);
  };

  test('run at once: a film shows how far it is, and goes on below while another call runs', async () => {
    stage.runware.switches.taskMs = (task: Task) => (task.taskType === 'videoInference' ? 5_000 : 60);
    await choose('Video');
    await field('Prompt').fill('Fog rolls in');
    await button('Run').click();
    const bar = result(popup).getByRole('progressbar');
    await eventually(() => bar.evaluate((it: HTMLProgressElement) => it.value)).toBeGreaterThan(0);
    expect(await result(popup).innerText()).toMatch(/Filming… \d+ %/);
    await choose('Text');
    await field('Prompt').fill('Meanwhile');
    await run();
    await eventually(() => result(popup).locator('.answer').innerText()).toContain('Meanwhile');
    await recent('Fog rolls in').getByText('Filming…').waitFor();
    await button('Show', recent('Fog rolls in')).click();
    await result(popup).getByText('The film lies at').waitFor();
    await recent('Meanwhile').getByText('Done').waitFor();
    expect(await recent('Fog rolls in').count()).toBe(0);
  });

  test('whose words are read from the right are laid out so, and cut at their end', async () => {
    const direction = (it: Element) => getComputedStyle(it).direction;
    await field('Prompt').fill('שלום '.repeat(60));
    expect(await field('Prompt').evaluate(direction)).toBe('rtl');
    await run();
    await field('Prompt').fill('Afterwards');
    await run();
    const words = recent('שלום').locator('bdi');
    expect(await words.evaluate(direction)).toBe('rtl');
    expect(await words.textContent()).toHaveLength(200);
    const [first, box] = await words.evaluate(it => {
      const range = document.createRange();
      range.setStart(it.firstChild ?? it, 0);
      range.setEnd(it.firstChild ?? it, 1);
      return [range, it].map(one => Math.round(one.getBoundingClientRect().right));
    });
    expect(first).toBe(box);
  });

  test('each have their own Cancel, and more than the key’s wait for their turn', async () => {
    stage.runware.ledger.clear();
    stage.runware.switches.taskMs = 8_000;
    for (const prompt of ['Call one', 'Call two', 'Call three', 'Call four', 'Call five']) await ask(prompt);
    await result(popup).getByText('Waiting for its turn: other calls of this key are under way.').waitFor();
    await button('Cancel').first().click();
    await result(popup).getByText('Cancelled before it was sent. Nothing was charged.').waitFor();
    await button('Cancel', recent('Call two')).click();
    await recent('Call two').getByText('Cancelled').waitFor();
    await eventually(() => recent('Call two').getByRole('button').allInnerTexts()).toEqual(['Show']);
    await recent('Call one').getByText('Writing…').waitFor();
    await button('Show', recent('Call one')).click();
    await button('Cancel').first().click();
    await result(popup).getByText('may finish and charge it all the same').waitFor();
    for (const prompt of ['Call three', 'Call four']) await button('Cancel', recent(prompt)).click();
    await recent('Call four').getByText('Cancelled').waitFor();
    expect(stage.runware.ledger.count()).toBe(4);
  });
});

describe('where no call is kept', () => {
  const keepFor = (days: number) => askFrom(options, 'settings.setRetention', { retention: { days } });
  beforeAll(() => keepFor(0));
  afterAll(() => keepFor(90));

  test('one that was given up can be asked after, and says that it is not kept', async () => {
    stage.runware.switches.taskMs = 1_000;
    await choose('Text');
    await field('Prompt').fill('Passing by');
    const billed = stage.runware.ledger.count();
    await button('Run').click();
    await eventually(() => stage.runware.ledger.count()).toBe(billed + 1);
    await button('Cancel').first().click();
    const unkept = result(popup).getByText('This is not kept: in ten minutes at the latest it is gone.');
    await unkept.waitFor();
    await button('Ask for the result', result(popup)).click();
    await result(popup).getByText('Passing by').waitFor({ timeout: 20_000 });
    await unkept.waitFor();
    expect(stage.runware.ledger.count()).toBe(billed + 1);
    expect((await askFrom<{ calls: unknown[] }>(options, 'history.list', { most: 1 })).calls).toEqual([]);
    const alarms = await options.evaluate<{ name: string }[]>('chrome.alarms.getAll()');
    expect(alarms.map(({ name }) => name.split(' ')[0])).toContain('forget');
  });
});

describe('money', () => {
  test('Price says what the service says, until something changes', async () => {
    await choose('Image');
    await field('Prompt').fill('A boat');
    const before = stage.runware.ledger.count();
    await button('Price').click();
    await popup.getByText('Costs $0.0024 by the service’s word.').waitFor();
    await field('Prompt').fill('A boat at sea');
    await popup.getByText('Costs $').waitFor({ state: 'detached' });
    expect(stage.runware.ledger.count()).toBe(before);
    await field('Prompt').fill('');
    await button('Price').click();
    await popup.getByText('Prompt is empty.').waitFor();
  });

  test('a call that is dear can be undone before it leaves', async () => {
    await dearFrom(0.000_001);
    await field('Prompt').fill('A dear boat');
    const before = stage.runware.ledger.count();
    await button('Run').click();
    await result(popup)
      .getByText(/Sending in \d s, about \$0\.\d+\. Cancel stops it at no cost\./)
      .waitFor();
    await button('Cancel').click();
    await result(popup).getByText('Cancelled before it was sent. Nothing was charged.').waitFor();
    expect(stage.runware.ledger.count()).toBe(before);
    await dearFrom(1_000);
  });

  test('the key’s line says what is left and spent, and warns where that is little', async () => {
    await popup.close();
    popup = await stage.chromium.openPopup();
    await popup.getByText(/Works · balance \$\d+\.\d\d · today \$\d+\.\d\d of \$5\.00/).waitFor();
    await field('Key').selectOption({ label: 'Spare' });
    await popup.getByText('Balance is low: $0.40 left.').waitFor();
    expect(await field('Key').getByRole('option').allInnerTexts()).toEqual(['Work', 'Spare — low']);
    await field('Key').selectOption({ label: 'Work' });
  });
});

test('what the service does not accept of an option stands at that option, which is then in sight', async () => {
  stage.runware.faults.add({
    kind: 'error',
    when: ofType('imageInference'),
    failure: { code: 'invalidParameter', message: 'Not with this model.', parameter: 'steps' },
  });
  await choose('Image');
  await field('Prompt').fill('A boat');
  expect(await field('Steps').isVisible()).toBe(false);
  await button('Run').click();
  await eventually(() => field('Steps').isVisible()).toBe(true);
  expect(await popup.locator('.field', { has: field('Steps') }).innerText()).toContain(
    'Not with this model.',
  );
});

test('what the service does not accept when it is asked for the price stands there too', async () => {
  await field('Prompt').fill('Another boat');
  stage.runware.faults.add({
    kind: 'error',
    when: ofType('imageInference'),
    failure: { code: 'invalidParameter', message: 'Never with this model.', parameter: 'steps' },
  });
  await button('Price').click();
  const steps = popup.locator('.field', { has: field('Steps') });
  await eventually(() => steps.innerText()).toContain('Never with this model.');
  expect(await field('Steps').getAttribute('aria-invalid')).toBe('true');
  await field('Steps').fill('0,8');
  await button('Run').click();
  await steps.getByText('Write it without the comma: 0.8.').waitFor();
  await field('Steps').fill('');
});

test('in a tab it stands in the middle, and what is long in a list ends before its arrow', async () => {
  const tab = await stage.chromium.page(POPUP);
  const [before, after] = await tab.locator('body').evaluate(it => {
    const { left, right } = it.getBoundingClientRect();
    return [left, innerWidth - right];
  });
  expect(before).toBeGreaterThan(100);
  expect(before).toBe(after);
  const key = tab.getByLabel('Key', { exact: true });
  expect(await key.evaluate(it => getComputedStyle(it).textOverflow)).toBe('ellipsis');
  await tab.close();
});

test('the new faces pass axe in both themes', async () => {
  // In a tab, since axe needs one.
  popup = await stage.chromium.page(POPUP);
  await choose('Describe image');
  await field('Picture').setInputFiles(file(png(96, 64)));
  await preview().waitFor();
  stage.runware.switches.taskMs = 60_000;
  await button('Run').click();
  await popup.getByText('Looking…').first().waitFor();
  stage.runware.switches.taskMs = 60;
  await choose('Find models');
  await field('Search').fill('runware');
  await run();
  await choose('Image');
  await openMore(popup);
  await field('Model').fill('flux');
  await field('Key').selectOption({ label: 'Spare' });
  await popup.getByText('Balance is low').waitFor();
  await button('Search').click();
  await popup.getByRole('option', { name: 'FLUX.1 dev' }).waitFor();
  await field('Model').press('ArrowDown');
  await look();
  await button('Cancel', popup.getByRole('region', { name: 'Recent' })).click();
  await field('Key').selectOption({ label: 'Work' });
  await choose('Store picture');
  await look();
  await popup.close();
});

test('a rejected key is said to be one, in its line and not as an alert', async () => {
  stage.runware.revoke(SPARE);
  popup = await stage.chromium.openPopup();
  await field('Key').selectOption({ label: 'Spare' });
  // What was learnt is forgotten with a lock.
  await lock(popup);
  await unlock(popup, 'plum anchor violin north');
  await popup.getByText('The service rejected this key.').waitFor();
  await button('Replace it').waitFor();
  expect(await alertIn(popup).count()).toBe(0);
  stage.runware.restore(SPARE);
});

test('what a call comes to corrects that line while the popup is open', async () => {
  const line = popup.locator('.key-line');
  await field('Key').selectOption({ label: 'Work' });
  await choose('Text');
  await eventually(() => line.innerText()).toMatch(/^Works/);
  stage.runware.revoke(demoKey);
  await field('Prompt').fill('A locked gate');
  await button('Run').click();
  await alertIn(popup).getByText('Runware rejected the API key.').waitFor();
  await eventually(() => line.innerText()).toMatch(/^The service rejected this key\./);
  stage.runware.restore(demoKey);
  await run();
  await eventually(() => line.innerText()).toMatch(/^Works/);
});

test('nothing was written to any console', () => {
  expect(stage.chromium.consoleLines).toEqual([]);
});

async function look(): Promise<void> {
  await popup.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without motion no colour is caught on its way to another.
    await popup.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await popup.evaluate<AxeResults>('axe.run()');
    expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([]);
  }
}

/** The key's health is asked for at moments of its own: a fault is for the call that is meant. */
function ofType(taskType: string): (task: Task) => boolean {
  return task => task.taskType === taskType;
}

const filmOf = ({ taskType, taskUUID }: Task, videoBase64Data: string) => ({
  data: [
    {
      ...{ taskType, taskUUID, status: 'success', cost: 0.25 },
      videoUUID: '0b0e7c0a-5a51-4a55-9d3e-0d6a6a2f3c11',
      videoBase64Data,
    },
  ],
});

/** A film that a browser plays, made by one: base64. */
function recorded(): Promise<string> {
  return options.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 64;
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise(resolve => {
      recorder.onstop = resolve;
    });
    recorder.start();
    for (let turn = 0; turn < 12; turn++) {
      context?.fillRect(turn * 4, turn * 4, 8, 8);
      await new Promise(resolve => setTimeout(resolve, 40));
    }
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
  });
}
