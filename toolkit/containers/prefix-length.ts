import { isIPv4, isIPv6 } from 'node:net';
import type { LxcKey } from './lxc-keys.ts';

/** An address with the prefix length that was missing, and what to say about it. */
export interface CompletedAddress {
  readonly value: string;
  /** What LXC makes of it, for people: "every LXC takes 64". */
  readonly taken: string;
  /** The same where the line is rewritten with its length. */
  readonly message: string;
}

/** What every release takes for an IPv6 address without a prefix length (confile.c). */
const IPV6_LENGTH = 64;

/** The lengths of the network classes, by the first number of an address; the later ones have none. */
const CLASSES = [
  { below: 128, length: 8 },
  { below: 192, length: 16 },
  { below: 224, length: 24 },
] as const;

/**
 * An address that LXC takes though its prefix length is missing; undefined for others. LXC asks for the class of an IPv4
 * address (config_ip_prefix() in confile.c), but gives the macros of <netinet/in.h> an address in network order: a
 * little-endian machine judges by the last number.
 */
export function completeAddress({ key, type }: LxcKey, value: string): CompletedAddress | undefined {
  if (type !== 'address' || key.endsWith('.route') || value.includes('/')) return undefined;
  const [address = '', ...broadcast] = value.split(/ +/);
  const whole = (length: number): string => [`${address}/${length}`, ...broadcast].join(' ');
  if (key.includes('ipv6')) {
    if (!isIPv6(address)) return undefined;
    return {
      value: whole(IPV6_LENGTH),
      taken: `every LXC takes ${IPV6_LENGTH}`,
      message: `the address has no prefix length, and every LXC takes ${IPV6_LENGTH}: written as ${whole(IPV6_LENGTH)}`,
    };
  }
  if (!isIPv4(address)) return undefined;
  const numbers = address.split('.').map(Number);
  const [first, last] = [classLength(numbers[0]), classLength(numbers[3])];
  if (first === undefined) return undefined;
  const other =
    last === first ? '' : `; on little-endian machines LXC looks at the last number and takes ${last ?? 0}`;
  return {
    value: whole(first),
    taken: `LXC takes ${last === first ? '' : `${last ?? 0} (on big-endian machines `}${first}${last === first ? '' : ')'}, the length of a class`,
    message: `the address has no prefix length: written as ${whole(first)}, the length of its class${other}`,
  };
}

function classLength(number: number | undefined): number | undefined {
  return CLASSES.find(({ below }) => (number ?? 0) < below)?.length;
}
