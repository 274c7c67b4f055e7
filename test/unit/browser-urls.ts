/** `URL.parse` is in every browser that Runkey runs in, and not in Node 20. */
URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
