import type { Ask } from './wire';

/** Where a secret turned up. */
export interface Sighting {
  readonly label: string;
  readonly place: 'url' | 'header' | 'body';
  /** The header's name. */
  readonly header: string | undefined;
  readonly method: string;
  readonly host: string;
  /** Without secrets. */
  readonly path: string;
  /** Whether it does not belong there. */
  readonly strayed: boolean;
}

export type Place = Omit<Sighting, 'strayed'>;

interface Known {
  readonly label: string;
  /** Itself and encoded, longest first. */
  readonly forms: readonly string[];
  readonly belongs: (place: Place) => boolean;
}

/** What must not be written down, and where it has been seen. */
export class Secrets {
  readonly sightings: Sighting[] = [];
  readonly #known: Known[] = [];
  readonly #patterns: readonly RegExp[];

  /** What the patterns find is blanked though it is not known. The first group stays. */
  constructor(patterns: readonly RegExp[]) {
    this.#patterns = patterns;
  }

  /** From now on this is a secret; `belongs` says where it may be. */
  know(secret: string, label: string, belongs: (place: Place) => boolean): void {
    this.#known.push({ label, forms: formsOf(secret), belongs });
    this.#known.sort((one, other) => (other.forms[0]?.length ?? 0) - (one.forms[0]?.length ?? 0));
  }

  /** Sightings where the secret does not belong. */
  get strayed(): readonly Sighting[] {
    return this.sightings.filter(({ strayed }) => strayed);
  }

  look({ method, host, target, path, headers, body }: Ask): void {
    const at = { method, host, path: this.redact(path) };
    const see = (place: Sighting['place'], text: string, header?: string) => {
      for (const { label, forms, belongs } of this.#known) {
        if (!forms.some(form => text.includes(form))) continue;
        const seen = { ...at, label, place, header };
        this.sightings.push({ ...seen, strayed: !belongs(seen) });
      }
    };
    see('url', target);
    for (const [header, value] of Object.entries(headers)) see('header', String(value), header);
    see('body', body);
  }

  /** Known secrets become their label; anything else that sits where one belongs is blanked. */
  redact(text: string): string {
    let clean = text;
    for (const { label, forms } of this.#known) {
      for (const form of forms) clean = clean.replaceAll(form, `[${label}]`);
    }
    for (const pattern of this.#patterns) clean = clean.replace(pattern, '$1[unknown]');
    return clean;
  }
}

/** A form that says less than this is no form of it. */
const SHORTEST = 8;

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map(offset => {
    // As part of something longer it starts at any of three places; the letters it shares with others are left out.
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const encoded = [
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...inBase64,
    ...inBase64.map(text => text.replaceAll('+', '-').replaceAll('/', '_')),
  ].filter(form => form.length >= SHORTEST);
  return [...new Set([secret, ...encoded])];
}
