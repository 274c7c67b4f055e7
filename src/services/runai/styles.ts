import type { Values } from '../fields';

/** One way to ask for a token. */
export interface Style {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

const form = (fields: Values) => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(fields).toString(),
});
const json = (fields: Values) => ({ type: 'application/json', body: JSON.stringify(fields) });

/**
 * The ways that the generations of Run:ai have, newest first: the standard form (from 2.24), client credentials as
 * JSON (from 2.20), the application of older documents, and for a realm that of Keycloak itself.
 */
export function stylesFor({ application = '', secretKey = '', realm }: Values): readonly Style[] {
  const credentials = {
    grant_type: 'client_credentials',
    client_id: application,
    client_secret: secretKey,
  };
  const usual = [
    { name: 'v2', path: '/api/v2/token', ...form(credentials) },
    {
      name: 'client-credentials',
      path: '/api/v1/token',
      ...json({ grantType: 'client_credentials', clientId: application, clientSecret: secretKey }),
    },
    {
      name: 'app-token',
      path: '/api/v1/token',
      ...json({ grantType: 'app_token', AppId: application, AppSecret: secretKey }),
    },
  ];
  if (!realm) return usual;
  const path = `/auth/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`;
  return [
    { name: 'realm', path, ...form({ ...credentials, scope: 'openid', response_type: 'id_token' }) },
    ...usual,
  ];
}
