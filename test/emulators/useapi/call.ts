import type { IncomingMessage } from 'node:http';
import { badParam } from './failures';

/** The parameters of a request's body. */
export type Form = Readonly<Record<string, unknown>>;

export interface Call {
  readonly method: string;
  /** As it came, nothing decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  /** Without parameters, in small letters. */
  readonly type: string;
  readonly bytes: Buffer;
  /** Empty where there is no body, or none that can be read. */
  readonly form: Form;
  /** The body's text, or for an upload what it is. */
  readonly text: string;
  /** The body is a form, whose values are all text. */
  readonly textual: boolean;
  /** Why the body could not be read. */
  readonly malformed?: string;
}

export const isObject = (value: unknown): value is Form =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nothing when the client left before it had said all. */
export async function read(request: IncomingMessage): Promise<Call | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    return undefined;
  }
  const bytes = Buffer.concat(chunks);
  const [path = '/', ...search] = (request.url ?? '/').split('?');
  const contentType = request.headers['content-type'] ?? '';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const upload = /^(image|video|audio)\//.test(type);
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(search.join('?')),
    authorization: request.headers.authorization ?? '',
    type,
    bytes,
    text: upload ? `[${bytes.length} bytes of ${type}]` : bytes.toString('utf8'),
    ...(await formOf(bytes, type, contentType)),
  };
}

async function formOf(
  bytes: Buffer,
  type: string,
  contentType: string,
): Promise<Pick<Call, 'form' | 'textual' | 'malformed'>> {
  const nothing = { form: {}, textual: false };
  if (bytes.length === 0) return nothing;
  if (type === 'multipart/form-data') {
    try {
      const data = await new Response(Uint8Array.from(bytes), {
        headers: { 'content-type': contentType },
      }).formData();
      const fields = [...data.entries()].filter(([, value]) => typeof value === 'string');
      return { form: Object.fromEntries(fields), textual: true };
    } catch {
      return { ...nothing, malformed: 'The form could not be read.' };
    }
  }
  if (type !== 'application/json') {
    return { ...nothing, malformed: 'Content-Type must be application/json or multipart/form-data.' };
  }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(value)) return { form: value, textual: false };
  } catch {
    // Told below, as any other body that is no object.
  }
  return { ...nothing, malformed: 'The body must be a JSON object.' };
}

/** Refuses a call whose body could not be read. */
export function demandForm({ malformed }: Call): void {
  if (malformed) throw badParam(malformed);
}
