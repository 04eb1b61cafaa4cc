/** A change to a text. */
export interface TextEdit {
  /** The text to replace wherever it occurs, or the source of a regular expression (flags gm). */
  readonly from: string | { readonly pattern: string };
  readonly to: string;
}

/** Returns the edited text; undefined when there is nothing to change. */
export function editText(text: string, { from, to }: TextEdit): string | undefined {
  if (typeof from === 'string') return text.includes(from) ? text.replaceAll(from, () => to) : undefined;
  const pattern = new RegExp(from.pattern, 'gm');
  return pattern.test(text) ? text.replace(pattern, to) : undefined;
}

/** Describes in a message the text that an edit replaces. */
export function describeWanted({ from }: TextEdit): string {
  return typeof from === 'string' ? `"${from}"` : `line like ${from.pattern}`;
}
