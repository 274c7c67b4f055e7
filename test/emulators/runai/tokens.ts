import { randomBytes } from 'node:crypto';
import { type Answer, type Ask, isObject, mediaType, parsed } from '../loopback/wire';
import type { Application } from './applications';
import type { Grant } from './options';
import { oauthRefusal, refusal, unreadable, wrongCredentials } from './refusals';
import type { Plane } from './routes';

const isGrant = (value: unknown): value is Grant => value === 'app_token' || value === 'client_credentials';

/** /api/v1/token: JSON, with names in any case. */
export function grantV1(ask: Ask, plane: Plane): Answer {
  const { switches, applications } = plane;
  if (mediaType(ask) !== 'application/json') return refusal(switches.wrongContentType, unreadable);
  const body = parsed(ask.body);
  if (!isObject(body)) return refusal(400, unreadable);
  const fields = Object.fromEntries(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  const carried = 'appid' in fields ? 'app_token' : 'client_credentials';
  const { granttype = switches.v1NoGrant === 'understood' ? carried : undefined } = fields;
  if (!isGrant(granttype) || !switches.v1Grants.includes(granttype)) {
    return refusal(400, `Unsupported grant type: ${String(granttype)}`);
  }
  const [idName, secretName] =
    granttype === 'app_token' ? (['appid', 'appsecret'] as const) : (['clientid', 'clientsecret'] as const);
  const [id, secret] = [fields[idName], fields[secretName]];
  if (!id || !secret) return refusal(400, `${id ? secretName : idName} is required`);
  const application = applications.admit(id, secret, ask.host);
  if (!application) return refusal(switches.v1WrongSecret, wrongCredentials);
  const { text, life } = issued(application, ask, plane);
  const full = { expiresIn: life, idToken: noise(plane), refreshToken: noise(plane) };
  return { status: 200, body: { accessToken: text, ...(switches.tokenFields === 'full' && full) } };
}

/** /api/v2/token: OAuth 2.0, a form. */
export function grantV2(ask: Ask, plane: Plane): Answer {
  const { switches, applications } = plane;
  if (mediaType(ask) !== 'application/x-www-form-urlencoded') {
    return oauthRefusal(switches.wrongContentType, 'invalid_request', unreadable);
  }
  const form = new URLSearchParams(ask.body);
  const doubled = [...form.keys()].find(name => form.getAll(name).length > 1);
  if (doubled) return oauthRefusal(400, 'invalid_request', `duplicated parameter ${doubled}`);
  const missing = ['grant_type', 'client_id', 'client_secret'].find(name => !form.get(name));
  if (missing === 'grant_type')
    return oauthRefusal(400, 'invalid_request', 'Missing form parameter: grant_type');
  if (form.get('grant_type') !== 'client_credentials') {
    return oauthRefusal(400, 'unsupported_grant_type', 'Unsupported grant_type');
  }
  if (missing) return oauthRefusal(400, 'invalid_request', `Missing form parameter: ${missing}`);
  const application = applications.admit(form.get('client_id'), form.get('client_secret'), ask.host);
  const { status, error } = switches.v2WrongSecret;
  if (!application) return oauthRefusal(status, error, wrongCredentials);
  const { text, life } = issued(application, ask, plane);
  const full = { refresh_token: noise(plane), id_token: noise(plane), scope: 'openid' };
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: {
      access_token: text,
      token_type: 'Bearer',
      ...(switches.tokenFields !== 'no-expiry' && { expires_in: life }),
      ...(switches.tokenFields === 'full' && full),
    },
  };
}

function issued(application: Application, { host }: Ask, { switches, applications, ledger }: Plane) {
  const { text } = applications.issue(application, host);
  ledger.enter({ what: 'token', by: application.label, id: undefined, host });
  const { tokenSeconds, expiresIn } = switches;
  return { text, life: expiresIn === 'string' ? String(tokenSeconds) : tokenSeconds };
}

/** Another token, which nobody has use for and which belongs nowhere. */
function noise({ secrets }: Plane): string {
  const text = randomBytes(24).toString('hex');
  secrets.know(text, 'token unwanted', () => false);
  return text;
}
