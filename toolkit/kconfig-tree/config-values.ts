/**
 * Reads a .config or merged fragments into names (without `CONFIG_`) and values (without quotes), in order; the last line
 * for a symbol counts. `# CONFIG_X is not set` is n.
 */
export function readConfigValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const set = /^CONFIG_(\w+)=(.*)$/.exec(line);
    const name = set?.[1] ?? /^# CONFIG_(\w+) is not set$/.exec(line)?.[1];
    const value = set === null ? 'n' : unquoted(set[2] ?? '');
    if (name === undefined || value === undefined) continue;
    // Deleted first, so that the order is that of the last lines.
    values.delete(name);
    values.set(name, value);
  }
  return values;
}

/** Returns undefined when the quote is not closed: conf drops such a line. */
function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  return /^"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1');
}

/** Formats a symbol as a line of a fragment; `value` has no quotes. */
export function configLineOf(name: string, value: string, isString: boolean): string {
  if (value === 'n' && !isString) return `# CONFIG_${name} is not set`;
  return `CONFIG_${name}=${isString ? `"${value.replaceAll(/(["\\])/g, '\\$1')}"` : value}`;
}
