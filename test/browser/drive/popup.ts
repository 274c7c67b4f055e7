import type { Page } from 'playwright-core';
import { operationOf } from '../../../src/services/abouts';
import type { Values } from '../../../src/services/fields';
import { fill, result } from '../stage';

/** Fills the popup's form of a task, all of it, and presses Run. A picture is base64, of a PNG. */
export async function press(popup: Page, service: string, operation: string, values: Values): Promise<void> {
  const { label, fields } = operationOf(service, operation);
  await popup.getByLabel('Task', { exact: true }).selectOption({ label });
  const more = popup.locator('details', { has: popup.getByText('More options', { exact: true }) });
  if (fields.some(({ advanced }) => advanced) && (await more.getAttribute('open')) === null)
    await popup.getByText('More options', { exact: true }).click();
  for (const field of fields) {
    const value = values[field.name];
    if (field.kind !== 'image') await fill(popup, field, value ?? field.initial ?? '');
    else if (value !== undefined)
      await popup.locator('input[type=file]').setInputFiles({
        name: 'picture.png',
        mimeType: 'image/png',
        buffer: Buffer.from(value, 'base64'),
      });
  }
  await popup.getByRole('button', { name: 'Run', exact: true }).click();
}

/** Runs a task from the form. Returns once the result of the one before is gone. */
export async function startTask(
  popup: Page,
  service: string,
  operation: string,
  values: Values,
): Promise<void> {
  await result(popup).evaluate(it => {
    for (const child of it.children) child.setAttribute('data-before', '');
  });
  await press(popup, service, operation, values);
  await result(popup).locator('[data-before]').first().waitFor({ state: 'detached' });
}
