import type { About } from './about';
import { aboutOf } from './abouts';
import { secretFields } from './fields';
import { withoutSecrets } from './redact';
import { service as runai } from './runai/service';
import { service as runtype } from './runtype/service';
import { service as runware } from './runware/service';
import { service as runway } from './runway/service';
import type { Service } from './service';

const services: Readonly<Record<string, Service>> = { runware, runway, runai, runtype };

/** A service's code; the background's alone. Throws `bad-request` for a service that there is none of. */
export function serviceOf(name: string): Service {
  const about: About = aboutOf(name);
  const service = services[about.name];
  if (!service) throw new Error(`${name} has data but no code`);
  return withoutSecrets(
    service,
    secretFields(about.keyFields).map(field => field.name),
  );
}

export function lockServices(): void {
  for (const service of Object.values(services)) service.lock();
}
