/** Moves through a menu as menus are moved through. True: the key was for it. */
export function moveInMenu(event: KeyboardEvent, root: ShadowRoot): boolean {
  const items = [...root.querySelectorAll<HTMLElement>('[role="menuitem"]')];
  const at = items.findIndex(item => item.matches(':focus'));
  const next = target(event, items, at);
  if (!next) return false;
  next.focus();
  return true;
}

function target(event: KeyboardEvent, items: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const { key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  if (key === 'ArrowDown') return items[(at + 1) % items.length];
  if (key === 'ArrowUp') return items.at(at <= 0 ? -1 : at - 1);
  if (key === 'Home') return items[0];
  if (key === 'End') return items.at(-1);
  if ([...key].length !== 1 || key === ' ') return undefined;
  const begins = (item: HTMLElement): boolean =>
    (item.textContent ?? '').trim().toLowerCase().startsWith(key.toLowerCase());
  return [...items.slice(at + 1), ...items.slice(0, at + 1)].find(begins);
}
