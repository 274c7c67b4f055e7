import { type Asking, ask, type Heard } from '../../emulators/loopback/ask';
import {
  demoApplication,
  type RunaiEmulator,
  type RunaiOptions,
  runaiHosts,
  startRunai,
} from '../../emulators/runai';
import { certificateFor } from '../../emulators/tls';

/** What the documents show, said as they show it. */

export const tls = await certificateFor(runaiHosts);

export const start = (options: Partial<RunaiOptions> = {}): Promise<RunaiEmulator> =>
  startRunai({ tls, phaseMs: 20, ...options });

export const saas = 'https://acme.run.ai';
export const cluster = 'https://cluster.example.com:6443';

export const say = ({ port }: RunaiEmulator, address: string, asking?: Asking): Promise<Heard> =>
  ask({ port, ca: tls.cert }, address, asking);

/** The request of the seeds. */
export const tokenV1 = (runai: RunaiEmulator, changes: object = {}, host = saas): Promise<Heard> =>
  say(runai, `${host}/api/v1/token`, {
    headers: { accept: '*/*' },
    body: {
      grantType: 'app_token',
      AppId: demoApplication.id,
      AppSecret: demoApplication.secret,
      ...changes,
    },
  });

/** The request of the newer documents. */
export const tokenV2 = (
  runai: RunaiEmulator,
  changes: Record<string, string> = {},
  host = saas,
): Promise<Heard> =>
  say(runai, `${host}/api/v2/token`, {
    headers: { accept: '*/*', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: demoApplication.id,
      client_secret: demoApplication.secret,
      ...changes,
    }).toString(),
  });

/** Calls with a token that was asked for first. */
export async function signedIn(runai: RunaiEmulator, host = saas) {
  const token = String((await tokenV2(runai, {}, saas)).json().access_token);
  return (path: string, { headers, ...asking }: Asking = {}): Promise<Heard> =>
    say(runai, host + path, { ...asking, headers: { authorization: `Bearer ${token}`, ...headers } });
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
