export const apiHost = 'api.useapi.net';

/** Where results lie is documented nowhere: these are hosts that results have been seen on. */
export const mediaHosts = {
  cloudfront: 'dnznrvs05pmza.cloudfront.net',
  storage: 'runway-task-artifacts.s3.amazonaws.com',
} as const;

/** Another origin, where a redirect leads. Nobody should ever follow one there. */
export const trapHost = 'elsewhere.example';

/** Every host name the emulator answers for. */
export const useapiHosts: readonly string[] = [apiHost, ...Object.values(mediaHosts), trapHost];

export type Role = 'api' | 'media' | 'trap';

/** Under its public names each host has one role; under a loopback name the emulator is API and media. */
export function plays(host: string, role: Role): boolean {
  const name = host.replace(/:\d+$/, '');
  if (name === apiHost) return role === 'api';
  if (name === trapHost) return role === 'trap';
  if (Object.values<string>(mediaHosts).includes(name)) return role === 'media';
  return role !== 'trap' && (name === 'localhost' || name === '127.0.0.1');
}
