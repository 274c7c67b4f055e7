// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { describe, expect, it, vi } from 'vitest';
import { EditKey } from '../../src/options/keys/edit-key';
import { KeyCard } from '../../src/options/keys/key-card';
import { aboutOf } from '../../src/services/abouts';
import type { KeyEntry } from '../../src/vault/key-index';
import { draw, root } from './drawn';
import { asked } from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

const entryOf = (label: string): KeyEntry => ({
  id: label,
  service: 'runai',
  label,
  fields: { url: 'https://acme.run.ai', application: 'acme-app' },
  created: 1,
  changed: 1,
  edited: 1,
  iv: '',
});

describe('the form of a key whose address is another one', () => {
  const field = (name: string): HTMLInputElement => {
    const input = root.querySelector<HTMLInputElement>(`[name="${name}"]`);
    if (!input) throw new Error(`no field ${name}`);
    return input;
  };
  const type = (name: string, text: string) =>
    act(() => {
      field(name).value = text;
      field(name).dispatchEvent(new Event('input', { bubbles: true }));
    });
  const save = () =>
    act(() => {
      root.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    });
  const ofSecret = () => field('secretKey').closest('.field')?.textContent;
  const KEEPS = 'Secret keyoptionalLeave it empty to keep the one you have.';

  it('asks for the secret anew, and says so at its field', () => {
    draw(<EditKey entry={entryOf('Work')} about={aboutOf('runai')} onDone={() => {}} />);
    expect(ofSecret()).toBe(KEEPS);
    type('url', 'https://acme.run.ai/projects');
    expect(ofSecret()).toBe(KEEPS);
    type('url', 'https://other.run.ai');
    expect(ofSecret()).toBe(
      'Secret keyThe address is new, and a secret goes only to the one it was saved for: put it in again.',
    );
    save();
    expect(ofSecret()).toMatch(/Secret key is empty\.$/);
    expect(field('secretKey').getAttribute('aria-invalid')).toBe('true');
    expect(asked).toEqual([]);
    type('url', 'https://acme.run.ai');
    expect(ofSecret()).toMatch(KEEPS);
  });
});

describe('the card of a key', () => {
  it('describes each of its buttons by its name', async () => {
    const about = aboutOf('runway');
    const card = (label: string) => (
      <KeyCard
        key={label}
        entry={entryOf(label)}
        service={about}
        used={undefined}
        spent={0}
        passkeys={[]}
        onStay={() => {}}
        onDeleted={() => {}}
      />
    );
    draw([card('Work'), card('Test')]);
    await act(() => new Promise<void>(resolve => setTimeout(resolve)));
    const buttons = [...root.querySelectorAll('button')].map(button => {
      const described = document.getElementById(button.getAttribute('aria-describedby') ?? '');
      return [button.textContent, described?.textContent];
    });
    const names = ['Allow', 'Test', 'Accounts', 'Edit', 'Replace', 'Reveal', 'Where it has been', 'Delete'];
    expect(buttons).toEqual(['Work', 'Test'].flatMap(label => names.map(name => [name, label])));
  });
});
