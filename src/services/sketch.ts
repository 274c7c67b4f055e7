/** A piece of a text: as it stands, or what a variable holds once the sketch is run. */
export type Part = string | { readonly variable: string };
export type Parts = readonly Part[];

export type Body =
  /** JSON, as it goes over the wire. */
  | { readonly type: 'json'; readonly text: string }
  | { readonly type: 'form'; readonly fields: Readonly<Record<string, Parts>> }
  /** A picture's bytes, which the person keeps under this name. */
  | { readonly type: 'file'; readonly name: string };

/** One request. */
export interface Step {
  readonly method: string;
  /** Escaped already. */
  readonly url: Parts;
  readonly headers: Readonly<Record<string, Parts>>;
  readonly body?: Body;
  /** A variable that takes the text of this field of the JSON that it is answered with. */
  readonly gives?: { readonly variable: string; readonly field: string };
  /** What there is to know of it: plain words, one line. */
  readonly note?: string;
}

/** A variable that is the person's to change, with a guess. */
export interface Setting {
  readonly variable: string;
  readonly value: string;
  readonly note: string;
}

/**
 * A call as it can be made without Runkey. What draws it has no secret to draw from: where one goes, a variable
 * stands.
 */
export interface Sketch {
  /** The variables of the environment that hold the secrets: the person sets them. */
  readonly secrets: readonly string[];
  readonly settings?: readonly Setting[];
  readonly steps: readonly Step[];
}

/** The value of a header that carries a secret or a token. */
export const bearer = (variable: string): Parts => ['Bearer ', { variable }];
