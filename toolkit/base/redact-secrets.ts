import { redactUrls, starUrls } from './redact-urls.ts';

/** The hash of a password as crypt(5) writes it, from its salt on; at least the length of the shortest digest. */
const HASH = /(\$(?:[0-9][a-z]?|y|gy|sha1|md5)\$)((?:[\w=,]+\$)?[./\w]*\$?[./0-9A-Za-z]{13,})/g;
/** The value of the key `password` in a line of YAML, up to the end or what ends a value in a flow mapping. */
const PASSWORD_VALUE =
  /(["']?\bpassword["']?\s*:\s*)("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s#,}\]'"][^,}]*)/g;

/** Removes user names, passwords and queries of URLs, and hashes of passwords, from a text. */
export function redactSecrets(text: string): string {
  const redacted = redactUrls(text);
  return redacted.includes('$') ? redacted.replace(HASH, '$1…') : redacted;
}

/**
 * Puts stars over the same, and over what a line of a profile has as `password`, so that columns stay aligned with a
 * squiggle below the line.
 */
export function starSecrets(sourceLine: string): string {
  const stars = (_all: string, kept: string, secret: string): string => `${kept}${'*'.repeat(secret.length)}`;
  return starUrls(sourceLine)
    .replace(PASSWORD_VALUE, stars)
    .replace(/(-----BEGIN [A-Z ]*)(PRIVATE KEY.*)/, stars)
    .replace(HASH, stars);
}

/** A value of JSON with every text in it redacted; lines of files, under `sourceLine`, keep their columns. */
export function redactValue<Value>(value: Value, key = ''): Value {
  if (typeof value === 'string')
    return (key === 'sourceLine' ? starSecrets(value) : redactSecrets(value)) as Value;
  if (Array.isArray(value)) return value.map((one: unknown) => redactValue(one, key)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, redactValue(one as unknown, name)]),
  ) as Value;
}
