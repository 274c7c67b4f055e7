/** Elements that are looked at; in a page with more, nobody can tell. */
const MOST = 50_000;

const ON_TOP = ':popover-open, :modal, :fullscreen';

/**
 * Whether anything else stands in the browser's top layer, whatever its box: a shadow or a backdrop may be of any size.
 * Looks into closed shadow roots where the browser lets extensions do so.
 */
export function whatIsOnTop(host: Element): 'nothing' | 'something' | 'unknown' {
  const roots: (Document | ShadowRoot)[] = [document];
  let looked = 0;
  for (let root = roots.pop(); root; root = roots.pop()) {
    for (const element of root.querySelectorAll(ON_TOP)) if (isAnother(element, host)) return 'something';
    const all = root.querySelectorAll('*');
    looked += all.length;
    if (looked > MOST) return 'unknown';
    for (const element of all) {
      if (globalThis.runkeyHosts?.has(element)) continue;
      const inside = element.openOrClosedShadowRoot ?? element.shadowRoot;
      if (inside) roots.push(inside);
    }
  }
  return 'nothing';
}

function isAnother(element: Element, host: Element): boolean {
  if (element === host) return false;
  if (globalThis.runkeyHosts?.has(element)) return !isPlain(element);
  if (element.matches(':popover-open')) return true;
  // The dialog that it stands in was there before it, and a page that is fullscreen as a whole is below everything.
  return element !== host.parentNode && element !== document.documentElement;
}

/** Whether the page adds nothing to a host of ours: what stands before, after and behind it is the page's to style. */
export function isPlain(host: Element): boolean {
  return (
    ['::before', '::after'].every(part =>
      ['none', 'normal'].includes(getComputedStyle(host, part).content),
    ) && getComputedStyle(host, '::backdrop').display === 'none'
  );
}
