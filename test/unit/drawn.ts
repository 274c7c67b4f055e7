import { type ComponentChild, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach } from 'vitest';
import { forget } from './popup-browser';

/** What each test of components draws into, in happy-dom. Nothing of it, or of what was asked, is there for the next. */
export let root: HTMLElement;

beforeEach(() => {
  root = document.createElement('main');
  document.body.append(root);
});
afterEach(() => {
  void draw(null);
  root.remove();
  forget();
});

export const draw = (what: ComponentChild): Promise<void> => act(() => render(what, root));
