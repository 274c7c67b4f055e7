import { demoKey } from '../../emulators/runware/index';
import type { Firefox } from './firefox';

export const button = (name: string) => ({ role: 'button', name });

/** Makes a vault, as a person would, in the options page. */
export async function createVaultIn(firefox: Firefox, passphrase: string): Promise<void> {
  await firefox.open('src/options/index.html');
  await firefox.type({ label: 'Passphrase' }, passphrase);
  await firefox.type({ label: 'Repeat passphrase' }, passphrase);
  await firefox.click(button('Create vault'));
  await firefox.find(button('Add key'));
}

/** Adds the key that the stand-in for Runware takes, in an open options page. */
export async function addRunwareKeyIn(firefox: Firefox, label: string): Promise<void> {
  await firefox.click(button('Add key'));
  await firefox.clear({ label: 'Label' });
  await firefox.type({ label: 'Label' }, label);
  await firefox.type({ label: 'API key' }, demoKey);
  await firefox.click(button('Save key'));
  await firefox.find({ role: 'heading', name: label });
}
