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
    | { readonly kind: 'text'; readonly least?: number; readonly most: number; readonly pattern?: Pattern }
    | { readonly kind: 'secret'; readonly least?: number; readonly most: number; readonly pattern?: Pattern }
    | { readonly kind: 'long-text'; readonly least?: number; readonly most: number }
    | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly step?: number }
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
  readonly operations: readonly Operation[];
}
