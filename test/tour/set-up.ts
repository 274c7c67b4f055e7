import type { Page } from 'playwright-core';
import type { Values } from '../../src/services/fields';
import { addKey, createVault } from '../browser/stage';
import { demoApplication } from '../emulators/runai/index';
import { demoProduct, demoKey as demoProductKey, demoSurface } from '../emulators/runtype/index';
import { demoKey } from '../emulators/runware/index';
import { demoToken } from '../emulators/useapi/index';
import type { Step } from './steps';

export const passphrase = 'lighthouse paper orbit seven';
export const keyLabel = 'Runware demo';

const endpoint = `https://api.runtype.com/v1/products/${demoProduct}/surfaces/${demoSurface}/api/summarize-article`;

/** A key for each service, that only its stand-in takes. */
export const demoKeys: readonly { service: string; label: string; values: Values }[] = [
  { service: 'runware', label: keyLabel, values: { apiKey: demoKey } },
  { service: 'runway', label: 'Runway demo', values: { apiToken: demoToken } },
  {
    service: 'runai',
    label: 'Run:ai demo',
    values: {
      url: 'https://acme.run.ai',
      application: demoApplication.id,
      secretKey: demoApplication.secret,
    },
  },
  { service: 'runtype', label: 'Runtype demo', values: { apiKey: demoProductKey, endpoint } },
];

/** The hosts that a person would allow in the browser's own question when the key is saved. */
export const permitted = ['acme.run.ai'];

/** Sets Runkey up as a person would, in its options page. */
export async function setUp(options: Page, step: Step): Promise<void> {
  await step('vault', async () => {
    await createVault(options, passphrase);
    return `Created a vault with the passphrase “${passphrase}”.`;
  });
  await step('keys', async () => {
    for (const { service, label, values } of demoKeys) await addKey(options, service, label, values);
    return `Added the keys ${demoKeys.map(({ label }) => `“${label}”`).join(', ')}.`;
  });
  await step('test', async () => {
    for (const { label } of demoKeys) {
      const card = options
        .getByRole('listitem')
        .filter({ has: options.getByRole('heading', { name: label }) });
      await card.getByRole('button', { name: 'Test', exact: true }).click();
      await card.getByText('Works', { exact: true }).waitFor({ timeout: 10_000 });
    }
    return 'Tested each key: Works.';
  });
}
