import { mkdir } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { demoEmail, demoToken } from '../emulators/useapi/index';
import { demoKeys, permitted } from '../tour/set-up';
import { look, PICTURES } from './drive/face';
import type { Others } from './emulate';
import { addKey, createVault, OPTIONS, POPUP, result, type Stage, setWholeStage } from './stage';

describe.each(['light', 'dark'] as const)(
  'in the %s theme every face of four services passes axe:',
  theme => {
    let stage: Stage & Others;
    let options: Page;
    let popup: Page;
    beforeAll(async () => {
      await mkdir(PICTURES, { recursive: true });
      stage = await setWholeStage({
        permitted,
        chromium: { colorScheme: theme, viewport: { width: 900, height: 700 } },
      });
      options = await stage.chromium.page(OPTIONS);
      await createVault(options, 'plum anchor violin north');
    }, 60_000);
    afterAll(() => stage.close());

    const button = (name: string, within: Page | Locator = options) =>
      within.getByRole('button', { name, exact: true });

    test.each(['Runway (useapi.net)', 'Run:ai', 'Runtype'])('the form of a key for %s', async label => {
      await button('Add key').click();
      await options.getByLabel('Service').selectOption({ label });
      await options.getByText('More options').click();
      await button('Save key').click();
      await options
        .getByText(/ is empty\.$/)
        .first()
        .waitFor();
      await look(options, `${theme}-options-add-${label.replace(/\W.*/, '').toLowerCase()}`);
      await button('Cancel').click();
    });

    test('the keys, and the accounts behind one', async () => {
      for (const { service, label, values } of demoKeys) await addKey(options, service, label, values);
      await look(options, `${theme}-options-four-services`);
      const card = options.getByRole('listitem').filter({ hasText: 'Runway demo' });
      stage.useapi.breakAccount(demoToken, demoEmail);
      await button('Accounts', card).click();
      await card.getByText(demoEmail).waitFor();
      await button(`Remove ${demoEmail}`, card).click();
      await button('Add account', card).click();
      await card.getByLabel('Workspace', { exact: true }).selectOption({ label: 'One of this id' });
      await button('Save account', card).click();
      await card.getByText('Password is empty.').waitFor();
      await look(options, `${theme}-options-accounts`);
    });

    test('a list, a text and an account in error in the popup', async () => {
      popup = await stage.chromium.page(POPUP);
      await popup.getByLabel('Task', { exact: true }).selectOption({ label: 'Workloads' });
      await button('Run', popup).click();
      await result(popup)
        .getByText(/ shown$/)
        .waitFor();
      await look(popup, `${theme}-popup-workloads`);
      await popup.getByLabel('Task', { exact: true }).selectOption({ label: 'Ask a capability' });
      await popup.getByLabel('Input', { exact: true }).fill('Why does the sky turn red in the evening?');
      await button('Run', popup).click();
      await result(popup).getByText('Runtype demo').waitFor();
      await look(popup, `${theme}-popup-capability`);
      await popup.getByLabel('Task', { exact: true }).selectOption({ label: 'Credits and features' });
      await button('Run', popup).click();
      await popup.getByRole('alert').waitFor();
      await look(popup, `${theme}-popup-refused`);
    });
  },
);
