import type { Ask } from '../loopback/wire';

/** Where a secret was seen. */
export interface Place {
  readonly where: 'url' | 'header' | 'body';
  /** The header's name, in small letters. */
  readonly header?: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

export interface Sighting extends Place {
  readonly label: string;
  /** It belongs there. */
  readonly expected: boolean;
}

interface Secret {
  readonly label: string;
  readonly forms: readonly string[];
  readonly belongs: (place: Place) => boolean;
}

/** Shorter ones are found in anything. */
const SHORTEST = 6;

const nowhere = () => false;

/** Every secret the emulator knows of, by label: it tells where each was seen, and leaves none in a text. */
export class Secrets {
  readonly sightings: Sighting[] = [];
  readonly #known = new Map<string, Secret>();

  /** Looks out for this from now on. Unless told where it belongs, it belongs nowhere. A second label is not taken. */
  watch(secret: string, label: string, belongs: (place: Place) => boolean = nowhere): void {
    if (secret.length < SHORTEST) return;
    const known = this.#known.get(secret);
    this.#known.set(secret, {
      label: known?.label ?? label,
      forms: formsOf(secret),
      belongs: place => belongs(place) || known?.belongs(place) === true,
    });
  }

  /** Looks for secrets in every part of a request. */
  look({ method, host, target, headers, body }: Ask): void {
    const at = { method, host, path: target };
    this.#lookIn({ ...at, where: 'url' }, target);
    for (const [header, value] of Object.entries(headers))
      this.#lookIn({ ...at, where: 'header', header }, String(value));
    this.#lookIn({ ...at, where: 'body' }, body);
  }

  #lookIn(place: Place, text: string): void {
    for (const { label, forms, belongs } of this.#known.values()) {
      if (!forms.some(form => text.includes(form))) continue;
      const seen = { ...place, path: this.redact(place.path) };
      this.sightings.push({ ...seen, label, expected: belongs(place) });
    }
  }

  /** Secrets seen where they do not belong: in an address, with another host, in the wrong header or body. */
  get strays(): readonly Sighting[] {
    return this.sightings.filter(({ expected }) => !expected);
  }

  /** Known secrets become their label; anything else that sits where a secret belongs is blanked. */
  redact(text: string): string {
    let clean = text;
    const secrets = [...this.#known.values()].flatMap(({ label, forms }) =>
      forms.map(form => ({ label, form })),
    );
    // A secret may contain another.
    secrets.sort((one, other) => other.form.length - one.form.length);
    for (const { label, form } of secrets) clean = clean.replaceAll(form, `[${label}]`);
    return clean
      .replace(/("(?:password|token)"\s*:\s*)"(?!\[)(?:[^"\\]|\\.)*"/gi, '$1"[unknown]"')
      .replace(/(name="password"\r\n(?:[^\r\n]+\r\n)*\r\n)(?!\[)[^\r\n]*/gi, '$1[unknown]')
      .replace(/(\b(?:api_?token|token|password|_jwt)=|Bearer(?: |%20))(?!\[)[^&\s"]+/gi, '$1[unknown]');
  }
}

/** As it is, and as it looks in an address, in JSON, in base64 and in hexadecimal. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  // The last character of an unfinished group depends on what follows.
  const stable = base64.slice(0, Math.floor((bytes.length * 8) / 6));
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      stable,
      encodeURIComponent(stable),
      stable.replaceAll('+', '-').replaceAll('/', '_'),
      bytes.toString('hex'),
    ]),
  ];
}
