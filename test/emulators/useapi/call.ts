import { type Ask, isObject, mediaType } from '../loopback/wire';
import { badParam } from './failures';

/** The parameters of a request's body. */
export type Form = Readonly<Record<string, unknown>>;

export interface Call extends Ask {
  /** Of the body, without parameters, in small letters. */
  readonly type: string;
  /** Empty where there is no body, or none that can be read. */
  readonly form: Form;
  /** The body is a form, whose values are all text. */
  readonly textual: boolean;
  /** Why the body could not be read. */
  readonly malformed?: string;
}

export async function callOf(ask: Ask): Promise<Call> {
  const type = mediaType(ask);
  return { ...ask, type, ...(await formOf(ask, type)) };
}

async function formOf(
  { bytes, body, headers }: Ask,
  type: string,
): Promise<Pick<Call, 'form' | 'textual' | 'malformed'>> {
  const nothing = { form: {}, textual: false };
  if (bytes.length === 0) return nothing;
  if (type === 'multipart/form-data') {
    try {
      const data = await new Response(Uint8Array.from(bytes), {
        headers: { 'content-type': headers['content-type'] ?? '' },
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
    const value: unknown = JSON.parse(body);
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
