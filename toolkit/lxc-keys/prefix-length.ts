import { isIPv4, isIPv6 } from 'node:net';
import type { LxcKey } from './lxc-keys.ts';

/** An address with its missing prefix length filled in, and the words for a message. */
export interface CompletedAddress {
  readonly value: string;
  /** How LXC reads the address, for messages: "every LXC uses 64". */
  readonly taken: string;
  /** The message when the line is rewritten with its prefix length. */
  readonly message: string;
}

/** The prefix length that every release assumes for an IPv6 address without one (confile.c). */
const IPV6_LENGTH = 64;

/** The prefix lengths of the network classes, by the first number of an address; later classes have none. */
const CLASSES = [
  { below: 128, length: 8 },
  { below: 192, length: 16 },
  { below: 224, length: 24 },
] as const;

/**
 * Completes an address that LXC accepts without a prefix length; undefined for others. LXC takes the length from the
 * class of an IPv4 address (config_ip_prefix() in confile.c), but passes the macros of <netinet/in.h> an address in
 * network order, so a little-endian machine looks at the last number.
 */
export function completeAddress({ key, type }: LxcKey, value: string): CompletedAddress | undefined {
  if (type !== 'address' || key.endsWith('.route') || value.includes('/')) return undefined;
  const [address = '', ...broadcast] = value.split(/ +/);
  const whole = (length: number): string => [`${address}/${length}`, ...broadcast].join(' ');
  if (key.includes('ipv6')) {
    if (!isIPv6(address)) return undefined;
    return {
      value: whole(IPV6_LENGTH),
      taken: `every LXC uses ${IPV6_LENGTH}`,
      message: `the address has no prefix length, and every LXC uses ${IPV6_LENGTH}: written as ${whole(IPV6_LENGTH)}`,
    };
  }
  if (!isIPv4(address)) return undefined;
  const numbers = address.split('.').map(Number);
  const [first, last] = [classLength(numbers[0]), classLength(numbers[3])];
  if (first === undefined) return undefined;
  const other =
    last === first ? '' : `; on little-endian machines LXC looks at the last number and uses ${last ?? 0}`;
  return {
    value: whole(first),
    taken: `LXC uses ${last === first ? '' : `${last ?? 0} (on big-endian machines `}${first}${last === first ? '' : ')'}, the length of a class`,
    message: `the address has no prefix length: written as ${whole(first)}, the length of its class${other}`,
  };
}

function classLength(number: number | undefined): number | undefined {
  return CLASSES.find(({ below }) => (number ?? 0) < below)?.length;
}
