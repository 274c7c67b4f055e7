/** The site of a page; pages of the browser and files have none. */
export function siteOf(url: string | undefined): string | undefined {
  const page = url ? URL.parse(url) : null;
  return page && /^https?:$/.test(page.protocol) ? page.origin : undefined;
}
