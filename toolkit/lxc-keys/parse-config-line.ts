/** One line of a configuration, as LXC reads it. */
export type ParsedLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'comment' }
  /** LXC silently skips every line that does not start with `lxc.`. */
  | { readonly kind: 'ignored' }
  /** LXC refuses the whole configuration. */
  | { readonly kind: 'no-separator' }
  | { readonly kind: 'setting'; readonly key: string; readonly value: string };

/**
 * Reads a line as LXC does since 2.0.1 (parse_line() in confile.c): only a line that begins with `#` is a comment,
 * the first `=` separates key and value, and one pair of quotes around the whole value is stripped.
 */
export function parseConfigLine(text: string): ParsedLine {
  const line = text.trim();
  if (line === '') return { kind: 'blank' };
  if (line.startsWith('#')) return { kind: 'comment' };
  if (!line.startsWith('lxc.')) return { kind: 'ignored' };
  const separator = line.indexOf('=');
  if (separator === -1) return { kind: 'no-separator' };
  const value = line.slice(separator + 1).trim();
  return {
    kind: 'setting',
    key: line.slice(0, separator).trimEnd(),
    value: /^(["']).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value,
  };
}
