import type { Page } from 'playwright-core';
import { addRunwareKey, createVault } from '../browser/stage';
import { demoKey } from '../emulators/runware/index';
import type { Step } from './steps';

export const passphrase = 'lighthouse paper orbit seven';
export const keyLabel = 'Runware demo';

/** Sets Runkey up as a person would, in its options page. */
export async function setUp(options: Page, step: Step): Promise<void> {
  await step('vault', async () => {
    await createVault(options, passphrase);
    return `Created a vault with the passphrase “${passphrase}”.`;
  });
  await step('key', async () => {
    await addRunwareKey(options, keyLabel, demoKey);
    return `Added the key “${keyLabel}”.`;
  });
  await step('test', async () => {
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Works', { exact: true }).waitFor({ timeout: 10_000 });
    return 'Tested the key: Works.';
  });
}
