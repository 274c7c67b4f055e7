/** What has the focus, through the shadow roots that are open. */
export function focused(): HTMLElement | undefined {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement && element !== document.body ? element : undefined;
}

/** Gives the keyboard back, unless the person is elsewhere by now. */
export function giveBack(to: HTMLElement | undefined, from: HTMLElement): void {
  const now = document.activeElement;
  if (now !== from && now !== document.body && now !== null) return;
  if (to?.isConnected) to.focus({ preventScroll: true });
}

/** Keeps Tab inside of a panel. */
export function cycle(event: KeyboardEvent, root: ShadowRoot): void {
  if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey) return;
  const stops = [...root.querySelectorAll<HTMLElement>('button, [tabindex="0"]')];
  const [first, last] = [stops[0], stops.at(-1)];
  const at = root.activeElement;
  const isStop = stops.some(stop => stop === at);
  if (event.shiftKey ? at === first || !isStop : at === last || !isStop) {
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}
