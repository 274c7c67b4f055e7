import { type Asking, ask, type Heard } from '../../emulators/loopback/ask';
import {
  demoKey,
  demoProduct,
  demoSurface,
  type RuntypeEmulator,
  type RuntypeOptions,
  runtypeHosts,
  startRuntype,
} from '../../emulators/runtype';
import { certificateFor } from '../../emulators/tls';

/** What the documents show, said as they show it. */

export const tls = await certificateFor(runtypeHosts);

export const start = (options: Partial<RuntypeOptions> = {}): Promise<RuntypeEmulator> =>
  startRuntype({ tls, taskMs: 20, deltaMs: 1, ...options });

export const surfaceAt = (surface = demoSurface, product = demoProduct): string =>
  `https://api.runtype.com/v1/products/${product}/surfaces/${surface}/api`;

export const say = ({ port }: RuntypeEmulator, address: string, asking?: Asking): Promise<Heard> =>
  ask({ port, ca: tls.cert }, address, asking);

export const bearer = (key = demoKey) => ({ authorization: `Bearer ${key}` });

/** The request of the seed, at a capability of the demo surface. */
export const call = (
  runtype: RuntypeEmulator,
  slug = 'summarize-article',
  { body = { input: 'Your input here' }, headers, ...asking }: Asking = {},
): Promise<Heard> =>
  say(runtype, `${surfaceAt()}/${slug}`, { ...asking, body, headers: { ...bearer(), ...headers } });

export interface Event {
  event: string | undefined;
  id: string | undefined;
  data: Record<string, unknown>;
}

/** Reads a stream as the standard has it: an event that has not ended is none. */
export function eventsOf(text: string): Event[] {
  const frames = text.replaceAll(/\r\n?/g, '\n').split('\n\n').slice(0, -1);
  return frames.flatMap(frame => {
    const values = (name: string) =>
      frame.split('\n').flatMap(line => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []));
    const data = values('data').join('\n');
    return data ? [{ event: values('event')[0], id: values('id')[0], data: JSON.parse(data) }] : [];
  });
}

export const streamOf = async (runtype: RuntypeEmulator, slug?: string, body?: object): Promise<Event[]> =>
  eventsOf((await call(runtype, `${slug ?? 'summarize-article'}?stream=true`, { body })).text);
