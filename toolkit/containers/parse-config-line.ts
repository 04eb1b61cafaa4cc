/** What LXC makes of one line of a configuration. */
export type ParsedLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'comment' }
  /** LXC skips every line that does not start with `lxc.`, without a word. */
  | { readonly kind: 'ignored' }
  /** LXC refuses the whole configuration. */
  | { readonly kind: 'no-separator' }
  | { readonly kind: 'setting'; readonly key: string; readonly value: string };

/**
 * Reads a line as LXC does from 2.0.1 on (parse_line() in confile.c): a comment only where `#` is the first character,
 * the first `=` separates, and one pair of quotes around the whole value is taken off.
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
