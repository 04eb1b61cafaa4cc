import { isIPv4, isIPv6 } from 'node:net';
import { didYouMean } from '../base/did-you-mean.ts';
import { SIGNAL_OR_NUMBER } from '../base/linux-names.ts';
import { compareVersions, describeRange, inVersionRange } from '../base/compare-versions.ts';
import type { LxcKey, ValueRange, ValueType } from './lxc-keys.ts';

/**
 * Says why LXC would not accept a value: "must be 0 or 1, but is 2"; undefined when nothing is wrong.
 * An empty value is always accepted: it resets the key. Without a version, a value is right if any release accepts it.
 */
export function checkValue(key: LxcKey, value: string, version?: string): string | undefined {
  if (value === '') return undefined;
  if (key.type === 'clear') return 'takes no value: it only clears the earlier settings';
  const comment = trailingComment(key.type, value);
  if (comment !== undefined) {
    return `would have "${comment}" in its value: LXC allows comments only on their own lines`;
  }
  if (key.type === 'enum' || key.type === 'words') return checkWords(key, value, version);
  if (key.type === 'address') return checkAddress(key, value);
  if (key.type === 'gateway')
    return isAddressOf(key, value) ? undefined : checkWords(key, value, version, 'an address or ');
  const { noBlanksUntil } = key;
  if (noBlanksUntil !== undefined && version !== undefined && /\s/.test(value)) {
    if (compareVersions(version, noBlanksUntil) <= 0)
      return `must be one word for LXC up to ${noBlanksUntil}, but is ${value}`;
  }
  // LXC 3.1 and later take the variable from their caller; if it is not set there, they refuse the configuration.
  if (key.type === 'environment' && version === undefined) return undefined;
  const format = formats[key.type];
  if (format !== undefined && !format.pattern.test(value)) return `must be ${format.what}, but is ${value}`;
  const [first, last] = key.range ?? [];
  if (first === undefined || last === undefined) return undefined;
  return Number(value) >= first && Number(value) <= last
    ? undefined
    : `must be from ${first} to ${last}, but is ${value}`;
}

const isAddressOf = ({ key }: LxcKey, text: string): boolean =>
  key.includes('ipv6') ? isIPv6(text) : isIPv4(text);

function checkAddress(key: LxcKey, value: string): string | undefined {
  const six = key.key.includes('ipv6');
  const [address = '', broadcast, ...more] = value.split(/ +/);
  const [host = '', length, ...rest] = address.split('/');
  const sample = six ? 'fd00::2/64' : '192.168.0.2/24';
  if (!isAddressOf(key, host) || rest.length > 0 || more.length > 0) {
    return `must be an IPv${six ? 6 : 4} address with its prefix length, such as ${sample}, but is ${value}`;
  }
  if (length === undefined)
    return `has no prefix length: it must be an address such as ${sample}, but is ${value}`;
  if (!/^[0-9]+$/.test(length) || Number(length) > (six ? 128 : 32)) {
    return `must have a prefix length from 0 to ${six ? 128 : 32}, but is ${value}`;
  }
  return broadcast === undefined || (!six && isIPv4(broadcast))
    ? undefined
    : `must be followed by a broadcast address or nothing, but is ${value}`;
}

const formats: Readonly<Partial<Record<ValueType, { readonly pattern: RegExp; readonly what: string }>>> = {
  bool: { pattern: /^[01]$/, what: '0 or 1' },
  uint: { pattern: /^[0-9]+$/, what: 'a whole number' },
  int: { pattern: /^-?[0-9]+$/, what: 'a whole number' },
  signal: { pattern: SIGNAL_OR_NUMBER, what: 'a signal such as SIGTERM' },
  environment: { pattern: /^[^\s=]+=/, what: 'NAME=VALUE' },
  idmap: { pattern: /^[ug] +[0-9]+ +[0-9]+ +[0-9]+$/, what: 'an ID map such as "u 0 100000 65536"' },
  ifname: { pattern: /^[^\s/:]{1,15}$/, what: 'the name of an interface, 15 characters at most' },
  mac: { pattern: /^[0-9a-fx]{2}(:[0-9a-fx]{2}){5}$/i, what: 'a MAC address' },
  limit: { pattern: /^([0-9]+|unlimited)(:([0-9]+|unlimited))?$/, what: 'SOFT or SOFT:HARD' },
  // The options may be missing; getmntent(3) needs the other three fields.
  fstab: { pattern: /^\S+(\s+\S+){2}/, what: 'a line as in fstab: SOURCE TARGET TYPE OPTIONS 0 0' },
};

/** Returns the text from a `#` on if LXC would read it as part of the value. */
function trailingComment(type: ValueType, value: string): string | undefined {
  // A # is normal in text for a shell or a program, and LXC reads only the six fields of a mount entry.
  if (type === 'command' || type === 'environment') return undefined;
  if (type === 'fstab' && /^\S+(\s+\S+){5}\s*#/.test(value)) return undefined;
  return /\s(#.*)$/.exec(value)?.[1];
}

function checkWords(
  key: LxcKey,
  value: string,
  version: string | undefined,
  beside = '',
): string | undefined {
  const { values: ranges, valuesRefusedSince: refusedSince } = key;
  if (ranges === undefined) return undefined;
  if (refusedSince !== undefined && (version === undefined || compareVersions(version, refusedSince) < 0))
    return undefined;
  const known = ranges
    .filter((range) => version === undefined || inVersionRange(version, range))
    .flatMap(({ values }) => values);
  const words = key.type === 'words' ? value.split(/\s+/) : [value];
  const wrong = words.find((word) => !takes(known, word));
  if (wrong === undefined) return undefined;
  const others = ranges.filter((range: ValueRange) => takes(range.values, wrong));
  if (others.length === 0) return `must be ${oneOf(known, wrong, beside)}, but is ${wrong}`;
  return `must not be ${wrong}: LXC ${version ?? ''} does not know it; ${others.map(describeRange).join(' and ')} do`;
}

/** A list of more words than this is too long for a message. */
const MAX_WORDS = 40;

function oneOf(known: readonly string[], wrong: string, beside: string): string {
  if (known.length <= MAX_WORDS) return `${beside}one of ${known.join(', ')}`;
  const near = didYouMean(wrong.replace(/^cap_/i, ''), known);
  return `a word that LXC knows here, ${near === undefined ? `such as ${known[0] ?? ''}` : `perhaps ${near}`}`;
}

function takes(values: readonly string[], word: string): boolean {
  // LXC accepts log levels in upper and lower case.
  if (values.includes(word) || values.includes(word.toUpperCase())) return true;
  return values.some((value) => value.endsWith(':') && word.startsWith(value));
}
