import type { Values } from './fields';

/**
 * What a service says of itself: plain data, from which forms are drawn and validated.
 * Pages may import this; a service's code is the background's alone.
 */
interface FieldBase {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
  /** Shown only when the person asks for more options. */
  readonly advanced?: boolean;
  readonly initial?: string;
  /** Other names people give this field; `url` says that an address on its own belongs here. */
  readonly aliases?: readonly string[];
}

export type Field = FieldBase &
  (
    | {
        readonly kind: 'text';
        readonly least?: number;
        readonly most: number;
        readonly pattern?: Pattern;
        /** What it may hold is listed by this question of the same service, given what is typed as its `search`. */
        readonly lookup?: string;
      }
    | { readonly kind: 'secret'; readonly least?: number; readonly most: number; readonly pattern?: Pattern }
    | { readonly kind: 'long-text'; readonly least?: number; readonly most: number }
    | {
        readonly kind: 'number';
        readonly least: number;
        readonly most: number;
        readonly step?: number;
        /** An amount of US dollars. */
        readonly money?: true;
      }
    /** A picture: a data URI of one, an https address of one, or the UUID that the service keeps it under. */
    | {
        readonly kind: 'image';
        /** Only the bytes of a PNG or JPG. */
        readonly bytesOnly?: true;
      }
    /** A day, yyyy-mm-dd. */
    | { readonly kind: 'date' }
    | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
  );

/** A shape, and the sentence for what does not have it. */
export interface Pattern {
  readonly shape: RegExp;
  readonly otherwise: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A task that a service can do. */
export interface Operation {
  readonly name: string;
  readonly label: string;
  /** What to call one while it runs: "Drawing", "Writing". */
  readonly doing: string;
  readonly fields: readonly Field[];
  /** What it costs in US dollars. With neither this nor `free` the service counts it in a way of its own. */
  readonly price?: Price;
  /** It costs nothing; a `question` changes nothing either, and may be asked as often as is liked. */
  readonly free?: 'question' | 'change';
  /** Whether a model does what its prompt says: then what a page says stands in a fence there. */
  readonly obeys?: true;
  /** Whether it makes away with something for good: then the person can take it back for a moment. */
  readonly destroys?: (values: Values) => boolean;
}

export interface Price {
  /** What one result usually costs, US dollars: a guess from above, until the service has named a price. */
  readonly typical: number;
  /** The field that says how many results there will be; without it there is one. */
  readonly each?: string;
}

export interface About {
  readonly name: string;
  readonly label: string;
  /** Other names of the service, and names that nobody else's data has. */
  readonly aliases: readonly string[];
  /** Where a person makes a key. */
  readonly keyPage: string;
  /** Its own origins, by which it is recognised, `*.` for every host below; a key's secrets may be sent to them. */
  readonly origins: readonly string[];
  /** Where every installation has a host of its own: the origins that a key with these fields may be sent to. */
  readonly originsOf?: (fields: Values) => readonly string[];
  readonly keyFields: readonly Field[];
  /** Accounts behind a key, which are managed with it: what they are called, and what to know of them. */
  readonly accounts?: { readonly label: string; readonly about: string };
  /** How many calls of one key may be under way at once, unless the key says otherwise in its field `atOnce`. */
  readonly atOnce: number;
  readonly operations: readonly Operation[];
}
