import { inVersionRange, describeRange } from '../base/compare-versions.ts';
import type { LxcKey, ValueRange, ValueType } from './lxc-keys.ts';

/**
 * What LXC would not take about a value: "must be 0 or 1, but is 2"; undefined when nothing is wrong.
 * An empty value is always taken: it resets the key.
 */
export function checkValue(key: LxcKey, value: string, version: string): string | undefined {
  if (value === '') return undefined;
  if (key.type === 'clear') return 'takes no value: it only empties what was set before';
  const comment = trailingComment(key.type, value);
  if (comment !== undefined) {
    return `would have "${comment}" in its value: LXC knows comments only on lines of their own`;
  }
  if (key.type === 'enum' || key.type === 'words') return checkWords(key, value, version);
  const format = formats[key.type];
  return format === undefined || format.pattern.test(value)
    ? undefined
    : `must be ${format.what}, but is ${value}`;
}

const formats: Readonly<Partial<Record<ValueType, { readonly pattern: RegExp; readonly what: string }>>> = {
  bool: { pattern: /^[01]$/, what: '0 or 1' },
  uint: { pattern: /^[0-9]+$/, what: 'a whole number' },
  int: { pattern: /^-?[0-9]+$/, what: 'a whole number' },
  signal: { pattern: /^(SIG[A-Z0-9]+([+-][0-9]+)?|[0-9]+)$/i, what: 'a signal such as SIGTERM' },
  environment: { pattern: /^[^\s=]+=/, what: 'NAME=VALUE' },
  idmap: { pattern: /^[ug] +[0-9]+ +[0-9]+ +[0-9]+$/, what: 'a map such as "u 0 100000 65536"' },
  ifname: { pattern: /^[^\s/:]{1,15}$/, what: 'the name of an interface, 15 characters at most' },
  mac: { pattern: /^[0-9a-fx]{2}(:[0-9a-fx]{2}){5}$/i, what: 'a MAC address' },
  limit: { pattern: /^([0-9]+|unlimited)(:([0-9]+|unlimited))?$/, what: 'SOFT or SOFT:HARD' },
  fstab: { pattern: /^\S+(\s+\S+){3}/, what: 'a line as in fstab: SOURCE TARGET TYPE OPTIONS 0 0' },
};

/** The text from a `#` on, where LXC would take it for a part of the value. */
function trailingComment(type: ValueType, value: string): string | undefined {
  // A # is at home in what a shell or a program reads; and LXC reads only the six fields of a mount entry.
  if (type === 'command' || type === 'environment') return undefined;
  if (type === 'fstab' && /^\S+(\s+\S+){5}\s*#/.test(value)) return undefined;
  return /\s(#.*)$/.exec(value)?.[1];
}

function checkWords(key: LxcKey, value: string, version: string): string | undefined {
  const ranges = key.values;
  if (ranges === undefined) return undefined;
  const known = ranges.filter((range) => inVersionRange(version, range)).flatMap(({ values }) => values);
  const words = key.type === 'words' ? value.split(/\s+/) : [value];
  const wrong = words.find((word) => !takes(known, word));
  if (wrong === undefined) return undefined;
  const others = ranges.filter((range: ValueRange) => takes(range.values, wrong));
  if (others.length === 0) return `must be one of ${known.join(', ')}, but is ${wrong}`;
  return `must not be ${wrong}: LXC ${version} does not know it; ${others.map(describeRange).join(' and ')} do`;
}

function takes(values: readonly string[], word: string): boolean {
  // LXC reads log levels in either case.
  if (values.includes(word) || values.includes(word.toUpperCase())) return true;
  return values.some((value) => value.endsWith(':') && word.startsWith(value));
}
