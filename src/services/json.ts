/** How deep JSON may be nested to be shown in lines: beyond it their margins would outgrow what they hold. */
const DEEPEST = 200;

/** What a text of JSON says; undefined for anything else, which no JSON is. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text as it is, anything else as JSON in lines; `asItCame` where that is nested too deeply. */
export function inLines(value: unknown, asItCame = 'This answer is nested too deeply to be shown.'): string {
  if (typeof value === 'string') return value;
  let level = [value];
  for (let depth = 0; depth < DEEPEST; depth++) {
    level = level.flatMap(one => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return JSON.stringify(value, null, 2);
  }
  return asItCame;
}
