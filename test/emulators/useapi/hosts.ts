import { isLoopback, trapHost } from '../loopback/redirect';

export { trapHost } from '../loopback/redirect';

export const apiHost = 'api.useapi.net';

/** Where results lie is documented nowhere: these are hosts that results have been seen on. */
export const mediaHosts = {
  cloudfront: 'dnznrvs05pmza.cloudfront.net',
  storage: 'runway-task-artifacts.s3.amazonaws.com',
} as const;

/** Every host name the emulator answers for. */
export const useapiHosts: readonly string[] = [apiHost, ...Object.values(mediaHosts), trapHost];

export type Role = 'api' | 'media' | 'trap';

/** Under its public names each host has one role; under a loopback name the emulator is API and media. */
export function plays(host: string, role: Role): boolean {
  if (host === apiHost) return role === 'api';
  if (host === trapHost) return role === 'trap';
  if (Object.values<string>(mediaHosts).includes(host)) return role === 'media';
  return role !== 'trap' && isLoopback(host);
}
