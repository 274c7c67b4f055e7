import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Frame, Page } from 'playwright-core';

/** The middle of what is to be pressed, in pixels of the page's viewport. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** What of ours is in a page: Playwright does not see into closed shadow roots, the extension's own world does. */
export interface InPage {
  /** Runs a script in our isolated world of a frame. `$root` is our open layer’s shadow root there, or null. */
  evaluate<Value>(expression: string, frame?: Frame): Promise<Value>;
  /** All that is read in our layer, or an empty text. */
  text(frame?: Frame): Promise<string>;
  /** Whether there is a button of this name now. */
  has(name: string): Promise<boolean>;
  /** Waits for a picture that is drawn. */
  picture(): Promise<void>;
  /** Waits for a button of this name. */
  button(name: string, frame?: Frame): Promise<Spot>;
  /** Moves the mouse there and presses it, as a person would: once it is in plain sight. */
  press(name: string, frame?: Frame): Promise<void>;
  /** Waits until the layer says this. */
  says(words: string | RegExp, frame?: Frame): Promise<void>;
  /** Waits until there is nothing of ours. */
  gone(frame?: Frame): Promise<void>;
}

const ROOT = `const $root = [...document.querySelectorAll('[popover="manual"]'), ...document.querySelectorAll('dialog [popover="manual"]')]
  .map(host => chrome.dom.openOrClosedShadowRoot(host)).find(root => root?.querySelector('.runkey')) ?? null;`;

export async function inPage(page: Page, extensionId: string): Promise<InPage> {
  const whole = await watchTarget(await page.context().newCDPSession(page), extensionId);
  const targets = new Map<Frame, Target>();
  /** A frame of another site is run by another process, and is a target of its own. */
  const targetOf = async (frame: Frame): Promise<Target> => {
    const session = await page
      .context()
      .newCDPSession(frame)
      .catch(() => undefined);
    const target = session ? await watchTarget(session, extensionId) : whole;
    targets.set(frame, target);
    return target;
  };

  const run = async <Value>(expression: string, frame?: Frame): Promise<Value> => {
    const target = frame ? (targets.get(frame) ?? (await targetOf(frame))) : whole;
    const { session, worlds } = target;
    const id = frame && target === whole ? await frameId(session, frame) : target.id;
    const contextId = worlds.get(id);
    if (contextId === undefined) throw new Error('Nothing of ours is in that frame.');
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      contextId,
      expression: `(async () => { ${ROOT} return (${expression}); })()`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  const text = (frame?: Frame) =>
    run<string>(`$root ? $root.querySelector('.runkey').innerText : ''`, frame).catch(() => '');

  const button = (name: string, frame?: Frame): Promise<Spot> =>
    soon(async () => {
      const spot = await run<Spot | null>(
        `(() => {
          const it = [...($root?.querySelectorAll('button') ?? [])].find(one => one.textContent.trim() === ${JSON.stringify(name)});
          if (!it) return null;
          it.scrollIntoView({ block: 'nearest' });
          const { x, y, width, height } = it.getBoundingClientRect();
          return { x: x + width / 2, y: y + height / 2 };
        })()`,
        frame,
      );
      if (!spot) throw new Error(`There is no button ${name}; there is: ${await text(frame)}`);
      if (!frame || frame === page.mainFrame()) return spot;
      const box = await (await frame.frameElement()).boundingBox();
      return { x: spot.x + (box?.x ?? 0), y: spot.y + (box?.y ?? 0) };
    });

  return {
    evaluate: run,
    text,
    button,
    has: name =>
      run<boolean>(
        `[...($root?.querySelectorAll('button') ?? [])].some(one => one.textContent.trim() === ${JSON.stringify(name)})`,
      ).catch(() => false),
    picture: () =>
      soon(async () => {
        const drawn = await run<boolean>(
          `[...($root?.querySelectorAll('canvas') ?? [])].some(one => one.ariaLabel === 'Picture' && one.width > 0)`,
        );
        if (!drawn) throw new Error(`There is no picture, but: ${await text()}`);
      }),
    async press(name, frame) {
      const { x, y } = await button(name, frame);
      await page.mouse.move(x, y);
      // Nobody presses what they have not seen: what is pressed at once does not count.
      await page.waitForTimeout(SEEING);
      const now = await button(name, frame);
      await page.mouse.click(now.x, now.y);
    },
    async says(words, frame) {
      await soon(async () => {
        const said = await text(frame);
        const found = typeof words === 'string' ? said.includes(words) : words.test(said);
        if (!found) throw new Error(`It does not say ${words}, but: ${said}`);
      });
    },
    async gone(frame) {
      await soon(async () => {
        const there = await run<boolean>('$root !== null', frame);
        if (there) throw new Error(`It is still there: ${await text(frame)}`);
      });
    },
  };
}

/** A person’s time to look, ms. */
const SEEING = 800;
const PATIENCE = 10_000;

async function soon<Value>(look: () => Promise<Value>): Promise<Value> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(50)) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

interface Target {
  readonly session: CDPSession;
  /** Its outermost frame. */
  readonly id: string;
  /** Our isolated world of each of its frames. */
  readonly worlds: ReadonlyMap<string, number>;
}

async function watchTarget(session: CDPSession, extensionId: string): Promise<Target> {
  const worlds = new Map<string, number>();
  session.on('Runtime.executionContextCreated', ({ context }) => {
    const frame = context.auxData?.frameId;
    if (frame && context.origin === `chrome-extension://${extensionId}`) worlds.set(frame, context.id);
  });
  session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
    for (const [frame, id] of worlds) if (id === executionContextId) worlds.delete(frame);
  });
  session.on('Runtime.executionContextsCleared', () => worlds.clear());
  await session.send('Runtime.enable');
  const { frameTree } = await session.send('Page.getFrameTree');
  return { session, id: frameTree.frame.id, worlds };
}

/** The browser's id of a frame in the same process. */
async function frameId(session: CDPSession, frame: Frame): Promise<string> {
  const { frameTree } = await session.send('Page.getFrameTree');
  const all = (tree: typeof frameTree): (typeof frameTree)[] => [
    tree,
    ...(tree.childFrames ?? []).flatMap(all),
  ];
  const found = all(frameTree).find(({ frame: { url } }) => url === frame.url());
  if (!found) throw new Error(`There is no frame ${frame.url()}.`);
  return found.frame.id;
}
