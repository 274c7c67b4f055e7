import { bundle, gzipped } from '../bundle';
import type { Outcome, Row } from '../comparison';

/**
 * What a browser loads to speak to Runware. Ours: `src/services/runware/service.ts` and all that it reaches, which
 * is the way to the network, the failures' words, and of valibot what it uses; not the forms, the vault and the
 * journal. Theirs: what `Runware` is exported from, and all that it reaches.
 */
export async function bytes(): Promise<Row[]> {
  return [
    {
      name: 'the client alone, gzipped',
      unit: 'B',
      ours: outcome(await bundle(`export { service } from './src/services/runware/service';`)),
      theirs: outcome(await bundle(`export { Runware } from '@runware/sdk-js';`)),
    },
  ];
}

const outcome = (script: string): Outcome => {
  const amount = gzipped(script);
  return { faults: 0, amount, shown: `${amount.toLocaleString('en')} B` };
};
