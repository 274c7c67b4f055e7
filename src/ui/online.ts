import { signal } from '@preact/signals';

/** Whether the browser thinks that this computer has a network at all. */
export const online = signal(navigator.onLine);

const read = () => {
  online.value = navigator.onLine;
};
addEventListener('online', read);
addEventListener('offline', read);
