const STAND_INS = [
  /^\W*$/,
  /^(.)\1{2,}$/,
  /^<[^<>]*>$/,
  /^\$?\{+[^{}]*\}+$/,
  /^\[[^[\]]*\]$/,
  /^\$\w+$/,
  /^%\w+%$/,
  /^(?:process\.env|import\.meta\.env|os\.environ)\b/,
  // Of a key with its end left out.
  /(?:x{4}|\*{3}|\.{3}|…|•{3})$/i,
  /^(?:your|insert|enter|paste|put|replace|example|dummy|sample|placeholder)(?:[-_ .]|$)/i,
  /^(?:change|replace)[-_ ]?(?:me|this)$/i,
  /^(?:todo|tbd|none|null|undefined|secret|token|password|(?:api|secret)[-_ ]?key)(?:[-_ ]here)?$/i,
];

/** Whether the text only stands where a key should, as in an example: `your-api-key-here`, `<KEY>`, `xxxx`. */
export function isPlaceholder(text: string): boolean {
  return STAND_INS.some(pattern => pattern.test(text.trim()));
}
