import { afterEach } from 'vitest';
import { openContexts } from './drive/chromium';

// What every open page showed when a test failed, for whoever has only the log of it.
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const page of [...openContexts].flatMap(context => context.pages())) {
    const shown = page.locator('body').ariaSnapshot({ timeout: 2_000 });
    process.stderr.write(`${page.url()}\n${await shown.catch(String)}\n\n`);
  }
});
