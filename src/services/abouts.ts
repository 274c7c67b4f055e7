import { Failure } from '../failure';
import type { About, Operation } from './about';
import type { Values } from './fields';
import { about as runai } from './runai/about';
import { about as runtype } from './runtype/about';
import { about as runware } from './runware/about';
import { about as runway } from './runway/about';

/** Every service, in the order in which people see them. */
export const abouts: readonly About[] = [runware, runway, runai, runtype];

/** Throws `bad-request` for a service that there is none of. */
export function aboutOf(service: string): About {
  const found = abouts.find(about => about.name === service);
  if (found) return found;
  throw new Failure('bad-request', 'There is no such service.');
}

/** The origins that the secrets of a key with these fields may be sent to. */
export const originsOf = (about: About, fields: Values): string[] => [
  ...(about.originsOf?.(fields) ?? about.origins),
];

/** Whether calls of the service cost dollars that Runkey can count. */
export const countsDollars = ({ operations }: About): boolean => operations.some(({ price }) => price);

/** Throws `bad-request` for a task that the service does not do. */
export function operationOf(service: string, operation: string): Operation {
  const found = aboutOf(service).operations.find(({ name }) => name === operation);
  if (found) return found;
  throw new Failure('bad-request', 'That service has no such task.');
}
