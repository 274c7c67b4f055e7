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
export function stylesFor(fields: Values): readonly Style[] {
  const { application = '', secretKey = '', realm } = fields;
  const standard = (way: Standard) => ({
    name: way.name,
    path: way.path,
    ...form({ ...way.form, client_secret: secretKey }),
  });
  const usual = [
    standard(v2(application)),
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
  return realm ? [standard(keycloak(application, realm)), ...usual] : usual;
}

/** A way that is the standard's: a form, here without its `client_secret`. */
interface Standard {
  readonly name: string;
  readonly path: string;
  readonly form: Values;
}

/** The standard way that is tried first. */
export const standardFor = ({ application = '', realm }: Readonly<Values>): Standard =>
  realm ? keycloak(application, realm) : v2(application);

const v2 = (application: string): Standard => ({
  name: 'v2',
  path: '/api/v2/token',
  form: { grant_type: 'client_credentials', client_id: application },
});

function keycloak(application: string, realm: string): Standard {
  const path = `/auth/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`;
  const { form } = v2(application);
  return { name: 'realm', path, form: { ...form, scope: 'openid', response_type: 'id_token' } };
}
