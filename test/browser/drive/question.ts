import { execFileSync } from 'node:child_process';
import { PNG } from 'pngjs';
import { expect } from 'vitest';
import { readScreen } from '../../tour/screen';

/** Answers the browser's own question for a permission, which no debugger sees. */
export interface Question {
  allow(): Promise<void>;
  deny(): Promise<void>;
}

/** Where a light page of ours is empty. */
const EMPTY = { x: 30, y: 500 };
/** The colour of its button Allow, as Chromium paints it in the light theme: red, green, blue. */
const ALLOW = 0xd3e3fd;

/** For a screen with `xdotool`, on which a page of ours in the light theme is at the front. */
export function questionsOn({ display, picture }: { display: string; picture: string }): Question {
  const env = { ...process.env, DISPLAY: display };
  const press = (...input: string[]) => execFileSync('xdotool', input, { env });
  const look = async () => PNG.sync.read(await readScreen(picture));
  /** The page behind it is darkened while it is open. */
  const isOpen = async () => colourAt(await look(), EMPTY.x, EMPTY.y) >> 16 < 200;
  /** In its first moments it takes no answer. */
  const answer = async (input: () => Promise<void>) => {
    await expect.poll(isOpen, { timeout: 10_000 }).toBe(true);
    const answered = async () => {
      if (await isOpen()) await input();
      return isOpen();
    };
    await expect.poll(answered, { timeout: 10_000, interval: 300 }).toBe(false);
  };
  return {
    allow: () =>
      answer(async () => {
        const { x, y } = middleOf(await look(), ALLOW);
        press('mousemove', String(x), String(y), 'click', '1');
      }),
    // Deny has the keyboard.
    deny: () => answer(async () => void press('key', 'Return')),
  };
}

const colourAt = ({ data, width }: PNG, x: number, y: number): number =>
  data.readUIntBE((y * width + x) * 4, 3);

/** The middle of what is painted in one colour. */
function middleOf(image: PNG, colour: number): { x: number; y: number } {
  const all = Array.from({ length: image.width * image.height }, (_, at) => at).filter(
    at => image.data.readUIntBE(at * 4, 3) === colour,
  );
  const middle = (values: number[]) => Math.round((Math.min(...values) + Math.max(...values)) / 2);
  return {
    x: middle(all.map(at => at % image.width)),
    y: middle(all.map(at => Math.floor(at / image.width))),
  };
}
