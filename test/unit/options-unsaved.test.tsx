// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { brought } from '../../src/options/brought';
import { AddKey } from '../../src/options/keys/add-key';
import { KeyCard } from '../../src/options/keys/key-card';
import { Leaving } from '../../src/options/leaving';
import { leave } from '../../src/options/unsaved';
import { aboutOf } from '../../src/services/abouts';
import { face, watchAnew } from '../../src/ui/state';
import type { KeyEntry } from '../../src/vault/key-index';
import { draw, root } from './drawn';
import { answers } from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

afterEach(() => {
  vi.useRealTimers();
});

const settle = () => act(() => new Promise<void>(resolve => setTimeout(resolve, 30)));
async function press(name: string): Promise<void> {
  const found = [...root.querySelectorAll('button')].find(({ textContent }) => textContent === name);
  if (!found) throw new Error(`no button ${name}`);
  act(() => found.click());
  await settle();
}
const field = (name: string) => root.querySelector<HTMLInputElement>(`[name="${name}"]`);
const type = (name: string, text: string) =>
  act(() => {
    const input = field(name) as HTMLInputElement;
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
const asks = () => root.querySelector('dialog') !== null;

describe('a form of a card', () => {
  const entry: KeyEntry = {
    id: 'k',
    service: 'runway',
    label: 'Work',
    fields: {},
    created: 1,
    changed: 1,
    edited: 1,
    iv: '',
  };
  beforeEach(async () => {
    const account = { email: 'other@example.com', maxJobs: 1 };
    answers.set('accounts.list', () => ({ accounts: [account] }));
    const none = () => {};
    const about = aboutOf('runway');
    draw(
      <>
        <KeyCard
          entry={entry}
          service={about}
          used={undefined}
          spent={0}
          passkeys={[]}
          onStay={none}
          onDeleted={none}
        />
        <Leaving />
      </>,
    );
    await press('Accounts');
    await press('Add account');
  });

  it('goes without a word for another button of the card while nothing is in it', async () => {
    await press('Where it has been');
    expect([asks(), field('maxJobs')]).toEqual([false, null]);
  });

  it.each(['Where it has been', 'Edit', 'Replace', 'Accounts'])(
    'is not lost to %s without a question',
    async button => {
      type('email', 'someone@example.com');
      await press(button);
      expect([asks(), field('email')?.value]).toEqual([true, 'someone@example.com']);
      await press('Stay');
      expect([asks(), field('email')?.value]).toEqual([false, 'someone@example.com']);
      await press(button);
      await press('Leave');
      expect([asks(), field('maxJobs')]).toEqual([false, null]);
    },
  );

  it('is not lost to the form of another account', async () => {
    type('email', 'someone@example.com');
    await press('Put in anew');
    expect([asks(), field('email')?.value]).toEqual([true, 'someone@example.com']);
  });

  it('is nothing to what happens elsewhere', () => {
    type('email', 'someone@example.com');
    const go = vi.fn();
    leave(document.createElement('div'), { go });
    expect([go.mock.calls.length, asks()]).toEqual([1, false]);
  });
});

it('a form that was filled in from a page counts as one that something was typed into', async () => {
  draw(<AddKey onDone={() => {}} />);
  act(() => {
    brought.value = 'RUNWARE_API_KEY=Zq8Xw2Lm9Tn4Rb7Vc1Yk6Hd3Js5Fg0Pa';
  });
  await vi.waitFor(() => expect(root.textContent).toContain('The form was filled in'), 5_000);
  const go = vi.fn();
  leave(document.body, { go });
  expect(go).not.toHaveBeenCalled();
});

it('a background that is slow to wake takes away nothing that is shown', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const rest = {
    vault: 'unlocked',
    passkeys: [],
    keys: [],
    used: {},
    spent: {},
    calls: [],
    waiting: [],
  } as const;
  watchAnew();
  face.value = { type: 'snapshot', ...rest };
  await vi.advanceTimersByTimeAsync(5_500);
  expect(face.value.type).toBe('snapshot');
  watchAnew();
  await vi.advanceTimersByTimeAsync(5_500);
  expect(face.value.type).toBe('silent');
});
