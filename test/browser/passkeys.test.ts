import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { type Authenticator, type AuthenticatorOptions, socketFor } from './drive/authenticator';
import { fillDisk, leaveRoom } from './drive/database';
import {
  addRunwareKey,
  alertIn,
  createVault,
  goTo,
  lock,
  OPTIONS,
  type Stage,
  setStage,
  unlock,
} from './stage';

const FIRST = 'plum anchor violin north';
const SECOND = 'kettle orbit maple stone';
const THIRD = 'walnut ferry copper quiet';

let stage: Stage;
let options: Page;
let plug: (options: AuthenticatorOptions) => Promise<Authenticator>;
let laptop: Authenticator;
let stick: Authenticator;
beforeAll(async () => {
  stage = await setStage();
  stage.chromium.context.setDefaultTimeout(20_000);
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, FIRST);
  await addRunwareKey(options, 'Work', demoKey);
  plug = await socketFor(options);
  await goTo(options, 'Security');
});
afterAll(() => stage.close());

const form = (name: string) => options.getByRole('form', { name });
const passkeys = () => options.getByRole('button', { name: /^Remove passkey/ });
const openWithPasskey = () => options.getByRole('button', { name: 'Use a passkey' });
const unlocked = () => options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
const says = (page: Page) => expect.poll(() => alertIn(page).innerText(), { timeout: 15_000 });

async function fillIn(name: string, passphrase: string): Promise<void> {
  await options.getByRole('button', { name: 'Add passkey' }).click();
  await form('Add passkey').getByLabel('Name of the passkey').fill(name);
  await form('Add passkey').getByLabel('Passphrase').fill(passphrase);
}

const add = () => form('Add passkey').getByRole('button', { name: 'Add it' }).click();

/** Only one is touched, as by a person with two. In turn: one that waits too often gives up. */
async function touch(touched: Authenticator): Promise<void> {
  for (const one of [laptop, stick]) if (one !== touched) await one.touched(false);
  await touched.touched(true);
}

describe('a passkey that will not do', () => {
  test('for its lack of the PRF extension: its sentence is shown, and nothing is stored', async () => {
    const plain = await plug({ transport: 'internal', hasPrf: false });
    await fillIn('Old laptop', FIRST);
    await add();
    await says(options).toContain('That passkey cannot open a vault');
    expect(await passkeys().count()).toBe(0);
    await plain.unplug();
  });

  test('for a finger that is not known: a sentence, and the same form goes on with what was typed', async () => {
    const another = await plug({ transport: 'internal' });
    await another.recognises(false);
    await add();
    await says(options).toContain('No passkey was used');
    expect(await form('Add passkey').getByLabel('Name of the passkey').inputValue()).toBe('Old laptop');
    // It has locked itself for good by now.
    await another.unplug();
    laptop = await plug({ transport: 'internal' });
    await form('Add passkey').getByLabel('Name of the passkey').fill('Laptop');
    await add();
    await options.getByText('“Laptop” opens the vault from now on.').waitFor();
    expect(await passkeys().count()).toBe(1);
  });

  test('for a wrong passphrase beside it: refused, and nothing is stored, in the authenticator either', async () => {
    stick = await plug({ transport: 'usb' });
    await touch(stick);
    await fillIn('Stick', SECOND);
    await add();
    await says(options).toContain('That is not the passphrase of this vault.');
    expect(await passkeys().count()).toBe(1);
    expect(await stick.count()).toBe(0);
    await form('Add passkey').getByRole('button', { name: 'Cancel' }).click();
  });
});

describe('a passkey that nothing came of', () => {
  test.each([
    ['no name', ' ', 'Name of the passkey is empty.'],
    ['a name that is too long', 'x'.repeat(101), 'Name of the passkey can have at most 100 characters.'],
  ])('for %s: said at the field, before one is made', async (_what, name, fault) => {
    await fillIn(name, FIRST);
    await add();
    await expect.poll(() => form('Add passkey').locator('.fault').allInnerTexts()).toEqual([fault]);
    await form('Add passkey').getByLabel('Name of the passkey').fill('x');
    expect(await form('Add passkey').locator('.fault').count()).toBe(0);
    expect(await stick.count()).toBe(0);
    await form('Add passkey').getByRole('button', { name: 'Cancel' }).click();
  });

  test('since the vault could not be written: a sentence, and the browser is told to forget it', async () => {
    // Told only: Chromium finds no passkey of an extension under the name that it takes here.
    await options.evaluate(() => {
      const told = Object.assign(globalThis, { told: [] as unknown[] }).told;
      Object.assign(PublicKeyCredential, {
        signalUnknownCredential: async (of: { credentialId: string }) => void told.push(of),
      });
    });
    await fillDisk(stage.chromium.worker);
    await fillIn('Stick', FIRST);
    await add();
    await says(options).toContain('The disk is full, so nothing was saved.');
    expect(await alertIn(options).innerText()).toContain('The passkey just made is of no use');
    await leaveRoom(stage.chromium.worker);
    const [orphan] = await stick.ids();
    expect(await options.evaluate('told')).toEqual([
      {
        rpId: new URL(options.url()).host,
        credentialId: Buffer.from(orphan ?? '', 'base64').toString('base64url'),
      },
    ]);
    await stick.forget(orphan ?? '');
    expect(await passkeys().count()).toBe(1);
    await form('Add passkey').getByRole('button', { name: 'Cancel' }).click();
  });
});

describe('passkeys beside the passphrase', () => {
  test('a second one, on another authenticator', async () => {
    await fillIn('Stick', FIRST);
    await add();
    await options.getByText('“Stick” opens the vault from now on.').waitFor();
    expect(await passkeys().count()).toBe(2);
  });

  test('but not the same authenticator twice', async () => {
    await touch(laptop);
    await fillIn('Laptop again', FIRST);
    await add();
    await says(options).toContain('That passkey opens this vault already.');
    expect(await passkeys().count()).toBe(2);
    await form('Add passkey').getByRole('button', { name: 'Cancel' }).click();
  });

  test.each(['laptop', 'stick'] as const)('the %s unlocks', async which => {
    await lock(options);
    await touch(which === 'laptop' ? laptop : stick);
    await openWithPasskey().click();
    await unlocked();
  });

  test('the passphrase unlocks as well, also after a passkey was not found', async () => {
    await lock(options);
    await stick.touched(false);
    const empty = await plug({ transport: 'usb' });
    await openWithPasskey().click();
    await says(options).toContain('No passkey was used');
    await empty.unplug();
    await stick.touched(true);
    await unlock(options, FIRST);
    await unlocked();
  });

  test('the popup opens the page in a tab for it, where it unlocks both', async () => {
    await lock(options);
    const popup = await stage.chromium.openPopup();
    const closed = popup.waitForEvent('close');
    // It closes under the click, which the driver takes for a failure.
    await popup
      .getByRole('button', { name: 'Use a passkey' })
      .click()
      .catch(() => {});
    await closed;
    await touch(laptop);
    await expect.poll(() => options.evaluate(() => document.visibilityState)).toBe('visible');
    await openWithPasskey().click();
    await unlocked();
    const again = await stage.chromium.openPopup();
    await again.getByLabel('Prompt').waitFor();
    await again.close();
    await options.bringToFront();
  });

  test('a key is revealed to a passkey', async () => {
    await goTo(options, 'Keys');
    await touch(stick);
    await options.getByRole('button', { name: 'Reveal' }).click();
    await form('Reveal “Work”').getByRole('button', { name: 'Use a passkey' }).click();
    await options.getByText(demoKey).waitFor();
    await options.getByRole('button', { name: 'Hide' }).click();
    await goTo(options, 'Security');
  });

  test('a background that died between the ceremony and the request still unlocks', async () => {
    await lock(options);
    await touch(laptop);
    await options.evaluate(() => {
      const { credentials } = navigator;
      const get = credentials.get.bind(credentials);
      credentials.get = async asked => {
        credentials.get = get;
        const credential = await get(asked);
        document.title = 'held';
        await new Promise(resolve => document.addEventListener('go on', resolve, { once: true }));
        return credential;
      };
    });
    await openWithPasskey().click();
    await expect.poll(() => options.title(), { timeout: 15_000 }).toBe('held');
    await stage.chromium.killWorker();
    await options.evaluate(() => document.dispatchEvent(new Event('go on')));
    await unlocked();
    expect(await passkeys().count()).toBe(2);
  });
});

describe('passkeys outlive', () => {
  test('a change of the passphrase, which one of them may allow', async () => {
    await options.getByRole('button', { name: 'Change passphrase' }).click();
    const change = form('Change passphrase');
    await change.getByLabel('New passphrase', { exact: true }).fill(SECOND);
    await change.getByLabel('Repeat new passphrase').fill(SECOND);
    await touch(stick);
    await change.getByRole('button', { name: 'Use a passkey' }).click();
    await options.getByText('The passphrase was changed.').waitFor();
    await lock(options);
    await unlock(options, FIRST);
    await says(options).toContain('That is not the passphrase of this vault.');
    await touch(laptop);
    await openWithPasskey().click();
    await unlocked();
    await lock(options);
    await unlock(options, SECOND);
    await unlocked();
    expect(await passkeys().count()).toBe(2);
  });

  test('the removal of another, which the other one allows, and the removed one opens nothing', async () => {
    const removed = await options.evaluate(
      () =>
        new Promise<string>(resolve => {
          chrome.runtime
            .connect({ name: 'state' })
            .onMessage.addListener((event: { passkeys?: { id: string; label: string }[] }) => {
              resolve(event.passkeys?.find(({ label }) => label === 'Laptop')?.id ?? '');
            });
        }),
    );
    await touch(stick);
    await options.getByRole('button', { name: 'Remove passkey “Laptop”' }).click();
    await form('Remove “Laptop”').getByRole('button', { name: 'Use a passkey' }).click();
    await options.getByText('“Laptop” no longer opens the vault.').waitFor();
    await expect.poll(() => passkeys().count()).toBe(1);
    await expect.poll(() => options.evaluate(() => document.activeElement?.textContent)).toBe('Add passkey');

    await lock(options);
    await touch(laptop);
    await stick.unplug();
    await openWithPasskey().click();
    await says(options).toContain('No passkey was used');
    // Nor does the vault take what it would have given.
    const reply = await options.evaluate(
      id =>
        chrome.runtime.sendMessage<unknown>({
          ask: 'vault.unlock',
          body: { proof: { by: 'passkey', id, secret: btoa('x'.repeat(32)) } },
        }),
      removed,
    );
    expect(reply).toMatchObject({ ok: false, failure: { code: 'wrong-passkey' } });
    await unlock(options, SECOND);
    await unlocked();
  });
});

test('replacing the vault key ends every passkey, and only the new passphrase opens', async () => {
  await options.getByRole('button', { name: 'Replace vault key' }).click();
  const replace = form('Replace vault key');
  await replace.getByLabel('Passphrase', { exact: true }).fill(SECOND);
  await replace.getByLabel('New passphrase', { exact: true }).fill(THIRD);
  await replace.getByLabel('Repeat new passphrase').fill(THIRD);
  await replace.getByRole('button', { name: 'Replace it' }).click();
  await options.getByText('The vault key was replaced').waitFor();
  await expect.poll(() => passkeys().count()).toBe(0);
  await lock(options);
  expect(await openWithPasskey().count()).toBe(0);
  await unlock(options, THIRD);
  await unlocked();
});

test('nothing was written to any console', () => {
  expect(stage.chromium.consoleLines).toEqual([]);
});
