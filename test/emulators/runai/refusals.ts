import type { Answer } from '../loopback/wire';

/** A refusal in the control plane's form. */
export const refusal = (code: number, message: string, details?: string): Answer => ({
  status: code,
  body: { code, message, ...(details && { details }) },
});

export const notFamiliar = (): Answer => refusal(401, 'Issuer is not familiar.');

export const noPermission = (): Answer => refusal(403, 'You do not have sufficient permissions.');

export const notFound = (what = 'Not found'): Answer => refusal(404, what);

/** A refusal in the form of RFC 6749. */
export const oauthRefusal = (status: number, error: string, error_description: string): Answer => ({
  status,
  body: { error, error_description },
  headers: { 'cache-control': 'no-store' },
});

export const wrongCredentials = 'Invalid client or Invalid client credentials';
export const unreadable = 'Failed to read request body';
