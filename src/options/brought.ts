import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { act } from '../ui/state';

/** A secret that was selected on a page, until the form of a new key has read it. */
export const brought = signal('');

/** Takes such a secret, if one waits, whenever the page is opened or come back to, and turns to the form for it. */
export function useBrought(): void {
  useEffect(() => {
    let here = true;
    const look = async () => {
      // Where it cannot be had, the person still has it on the page.
      const taken = await act('selection.takeSecret', {}).catch(() => null);
      if (!taken || !here) return;
      brought.value = taken.text;
      location.hash = 'keys';
    };
    const again = () => void look();
    again();
    addEventListener('focus', again);
    document.addEventListener('visibilitychange', again);
    return () => {
      here = false;
      // A locked page keeps none.
      brought.value = '';
      removeEventListener('focus', again);
      document.removeEventListener('visibilitychange', again);
    };
  }, []);
}
