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
        /** What it may hold is listed by this free operation of the same service, given what is typed as its `search`. */
        readonly lookup?: string;
      }
    | { readonly kind: 'secret'; readonly least?: number; readonly most: number; readonly pattern?: Pattern }
    | { readonly kind: 'long-text'; readonly least?: number; readonly most: number }
    | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly step?: number }
    /** A picture: a data URI of one, an https address of one, or the UUID that the service keeps it under. */
    | { readonly kind: 'image' }
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
  /** Absent: it is free. */
  readonly price?: Price;
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
  /** The origins a key's secrets may be sent to. */
  readonly origins: readonly string[];
  readonly keyFields: readonly Field[];
  /** How many calls of one key may be under way at once, unless the key says otherwise in its field `atOnce`. */
  readonly atOnce: number;
  readonly operations: readonly Operation[];
}
