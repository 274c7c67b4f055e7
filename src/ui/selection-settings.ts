import type { SelectionSettings } from '../calls/settings';
import { act } from './state';

/** Changes what is set by then: another page, or the bubble, may have changed it since it was shown. */
export async function changeSelection(
  edit: (now: SelectionSettings) => SelectionSettings,
): Promise<SelectionSettings> {
  const selection = edit(await act('settings.selection', {}));
  await act('settings.setSelection', { selection });
  return selection;
}
