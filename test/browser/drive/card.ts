import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';

/** Ms. */
const AIMING = 600;
const PATIENCE = 10_000;

interface Node {
  readonly role: string;
  readonly name: string;
  readonly value: string;
  readonly backendNodeId: number;
}

/**
 * What Runkey shows in a page. Its root is closed to scripts, and to Playwright: it is found as a screen reader finds
 * it, by role and name, and pressed where it is on the screen.
 */
export class CardOnPage {
  private constructor(
    private readonly page: Page,
    private readonly cdp: CDPSession,
  ) {}

  static async on(page: Page): Promise<CardOnPage> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('DOM.enable');
    await cdp.send('Accessibility.enable');
    return new CardOnPage(page, cdp);
  }

  /** Everything that a screen reader is told of the page. */
  async nodes(): Promise<readonly Node[]> {
    const { nodes } = await this.cdp.send('Accessibility.getFullAXTree');
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name, value, backendDOMNodeId = 0 }) => ({
        role: String(role?.value ?? ''),
        name: String(name?.value ?? ''),
        value: String(value?.value ?? ''),
        backendNodeId: backendDOMNodeId,
      }));
  }

  async has(role: string, name: string | RegExp): Promise<boolean> {
    return (await this.nodes()).some(node => node.role === role && matches(node.name, name));
  }

  /** Waits for it, and gives it. */
  async find(role: string, name: string | RegExp): Promise<Node> {
    return until(async () => {
      const nodes = await this.nodes();
      const found = nodes.find(node => node.role === role && matches(node.name, name));
      if (found) return found;
      const there = nodes.map(node => `${node.role} “${node.name}”`).join(', ');
      throw new Error(`There is no ${role} “${name}” among: ${there.slice(0, 2_000)}`);
    });
  }

  /** Presses a button with the mouse, where it is, as fast as a person can aim at it: what is sooner is refused. */
  async press(name: string): Promise<void> {
    await this.find('button', name);
    await sleep(AIMING);
    const { x, y } = await this.middle('button', name);
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.up();
  }

  async middle(role: string, name: string | RegExp): Promise<{ x: number; y: number }> {
    const { backendNodeId } = await this.find(role, name);
    await this.cdp.send('DOM.scrollIntoViewIfNeeded', { backendNodeId }).catch(() => {});
    const { model } = await this.cdp.send('DOM.getBoxModel', { backendNodeId });
    const [left = 0, top = 0, , , right = 0, bottom = 0] = model.border;
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  }

  /** The text of the page and of the card, as a screen reader reads it. */
  async text(): Promise<string> {
    const nodes = await this.nodes();
    return nodes
      .filter(({ role }) => role === 'StaticText')
      .map(({ name }) => name)
      .join('');
  }

  waitForText(text: string): Promise<void> {
    return until(async () => {
      const there = await this.text();
      if (!there.includes(text)) throw new Error(`“${text}” is not among: ${there.slice(0, 2_000)}`);
    });
  }
}

/** Also outside of tests. */
async function until<T>(look: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(100)) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

const matches = (text: string, wanted: string | RegExp): boolean =>
  typeof wanted === 'string' ? text === wanted : wanted.test(text);
