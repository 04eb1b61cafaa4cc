import { z } from 'zod';
import { textLike } from '../yaml/field-formats.ts';
import { evenWithMistakes } from '../yaml/refuse-twice.ts';

const NETWORK_TYPES = ['none', 'empty', 'phys', 'veth', 'macvlan', 'vlan'] as const;

/** Linux allows at most 15 characters (IFNAMSIZ). */
export const interfaceName = textLike(
  /^(?!\.{1,2}$)[^\s/:\p{Cc}]{1,15}$/u,
  'must be the name of a network interface (15 characters at most, no space, "/" or ":")',
);

const ADDRESS = 'must be an IPv4 address with its prefix length, such as 192.168.0.2/24';
const ADDRESS6 = 'must be an IPv6 address with its prefix length, such as fd00::2/64';

/** LXC also accepts an address without a length, but then guesses the netmask from the address class. */
function withoutLength(sentence: string, length: number, wholeAddress: z.ZodType) {
  return ({ input }: { readonly input?: unknown }): string =>
    wholeAddress.safeParse(input).success ? `${sentence}\nfor example ${String(input)}/${length}` : sentence;
}
export const ipv4Address = z.cidrv4({ error: withoutLength(ADDRESS, 24, z.ipv4()) });
const address6 = z.cidrv6({ error: withoutLength(ADDRESS6, 64, z.ipv6()) });

const gatewayWords = z.enum(['auto', 'dev']);

/** One network interface of a container; `none` and `empty` have no other keys. */
export const networkInterface = z
  .strictObject({
    type: z.enum(NETWORK_TYPES).meta({
      description:
        "How it is connected. veth: one end of a pair, the other on a bridge of the host; macvlan, vlan: on top of a host's interface; phys: a host's interface moved into the container; empty: only the loopback; none: the host's own network",
      examples: ['veth'],
    }),
    link: interfaceName.optional().describe("The host's bridge (veth) or interface (phys, macvlan, vlan)"),
    name: interfaceName.optional().describe('The name inside the container, such as eth0'),
    pair: interfaceName
      .optional()
      .describe("The name of the host's end, for type veth; by default LXC generates one"),
    ipv4: z
      .union([ipv4Address, z.array(ipv4Address)], { error: ADDRESS })
      .default([])
      .transform((one) => (typeof one === 'string' ? [one] : one))
      .describe('An IPv4 address with its prefix length, or a list of them'),
    ipv6: z
      .union([address6, z.array(address6)], { error: ADDRESS6 })
      .default([])
      .transform((one) => (typeof one === 'string' ? [one] : one))
      .describe('An IPv6 address with its prefix length, or a list of them'),
    gateway: z
      .union([gatewayWords, z.ipv4({ abort: true })], { error: 'must be an IPv4 address, auto or dev' })
      .optional()
      .describe(
        "The IPv4 gateway; auto is the address of the host's bridge, dev needs no address (LXC 3.2 and later)",
      ),
    gateway6: z
      .union([gatewayWords, z.ipv6({ abort: true })], { error: 'must be an IPv6 address, auto or dev' })
      .optional()
      .describe('The same for IPv6'),
    hwaddr: textLike(
      /^[0-9a-fA-FxX]{2}(?::[0-9a-fA-FxX]{2}){5}$/,
      'must be a MAC address such as 00:16:3e:01:02:03 (an x stands for a random digit)',
    )
      .optional()
      .describe('The MAC address; by default the kernel generates one at each start'),
    mtu: z.int().min(68).max(65_535).optional().describe('The maximum packet size in bytes'),
    'vlan-id': z.int().min(1).max(4094).optional().describe('The VLAN number, for type vlan'),
    mode: z
      .enum(['private', 'vepa', 'bridge', 'passthru'])
      .optional()
      .describe('How macvlan interfaces of one link reach each other, for type macvlan'),
    up: z.boolean().default(true).describe('Whether the interface is up when the container starts'),
  })
  .superRefine((network, context) => {
    for (const { key, message } of contradictions(network)) {
      context.addIssue({ code: 'custom', path: [key], message, input: network[key] });
    }
  }, evenWithMistakes);

/** A network interface of a container definition. */
export type NetworkInterface = z.output<typeof networkInterface>;

interface Contradiction {
  readonly key: keyof NetworkInterface;
  readonly message: string;
}

function contradictions(network: Partial<NetworkInterface>): Contradiction[] {
  const found: Contradiction[] = [];
  const { type } = network;
  if (type === undefined || !NETWORK_TYPES.includes(type)) return [];
  const set = (key: keyof NetworkInterface): boolean => {
    const value = network[key];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  };
  if (type === 'none' || type === 'empty') {
    for (const key of ['link', 'name', 'ipv4', 'ipv6', 'gateway', 'gateway6', 'hwaddr', 'mtu'] as const) {
      if (set(key))
        found.push({ key, message: `must not be set: type ${type} has no interface to configure` });
    }
  } else if (type !== 'veth' && !set('link')) {
    found.push({ key: 'link', message: `is required for type ${type}: the interface of the host` });
  }
  if (type === 'vlan' && !set('vlan-id'))
    found.push({ key: 'vlan-id', message: 'is required for type vlan: the VLAN number' });
  if (type !== 'vlan' && set('vlan-id'))
    found.push({ key: 'vlan-id', message: 'must not be set: it belongs to type vlan' });
  if (type !== 'veth' && set('pair'))
    found.push({ key: 'pair', message: 'must not be set: it belongs to type veth' });
  if (type !== 'macvlan' && set('mode'))
    found.push({ key: 'mode', message: 'must not be set: it belongs to type macvlan' });
  return found;
}
