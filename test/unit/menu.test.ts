import { beforeEach, expect, it, vi } from 'vitest';

type Clicked = (info: { selectionText: string }, tab: object) => Promise<void>;

const browser = vi.hoisted(() => {
  const items = new Map<string, unknown>();
  const clicked: Clicked[] = [];
  return {
    items,
    clicked,
    runtime: { onInstalled: { addListener() {} } },
    contextMenus: { onClicked: { addListener: (listener: Clicked) => clicked.push(listener) } },
    scripting: { executeScript: async () => {} },
    action: { openPopup: async () => {} },
    storage: {
      session: {
        get: async (name: string) => (items.has(name) ? { [name]: items.get(name) } : {}),
        set: async (values: object) => {
          for (const [name, value] of Object.entries(values)) items.set(name, value);
        },
        remove: async (name: string) => void items.delete(name),
      },
    },
  };
});
// Only the browser's menu and session are stood in for.
vi.mock('webextension-polyfill', () => ({ default: browser }));
vi.mock('../../src/selection/read.iife.ts?script', () => ({ default: 'read.js' }));

const { offerMenu, selectionHandlers } = await import('../../src/background/menu');
const { 'selection.take': take, 'selection.offer': offer } = selectionHandlers;

beforeEach(() => {
  browser.items.clear();
  browser.clicked.length = 0;
  offerMenu(() => {});
});

const click = (selectionText: string, incognito: boolean) =>
  Promise.all(
    browser.clicked.map(listener =>
      listener({ selectionText }, { id: 7, incognito, url: 'https://page.example/a' }),
    ),
  );

it.each([true, false])(
  'text of a window (private: %s) is offered in windows of its kind alone',
  async own => {
    const [mine, other] = own ? [{ private: true as const }, {}] : [{}, { private: true as const }];
    await click('One line', own);
    await offer({ text: 'One\nline' }, { tab: 7 });
    expect(await take(other)).toBeNull();
    expect(await take(mine)).toEqual({
      text: 'One\nline',
      ...(!own && { site: 'https://page.example' }),
    });
    expect(await take(mine)).toBeNull();
  },
);
