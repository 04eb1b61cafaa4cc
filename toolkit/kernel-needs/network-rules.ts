import type { BoardDescription, DescribedContainer } from './board-description.ts';
import type { Rule } from './rule.ts';

type Network = DescribedContainer['definition']['network'][number];

const has =
  (type: Network['type']) =>
  ({ definition }: DescribedContainer): boolean =>
    definition.network.some((one) => one.type === type);
const makesBridge = ({ bridges }: BoardDescription): boolean => bridges.some(({ external }) => !external);
const translates = ({ bridges }: BoardDescription): boolean =>
  bridges.some(({ nat, forward }) => nat || forward.length > 0);
const forwardsPorts = ({ bridges }: BoardDescription): boolean =>
  bridges.some(({ forward }) => forward.length > 0);
const asksForAddress = ({ bridges, interfaces }: BoardDescription): boolean =>
  [...bridges, ...interfaces].some(({ dhcp }) => dhcp);

/** The needs of containers' interfaces, the device's bridges and their address translation. */
export const networkRules: readonly Rule[] = [
  { symbols: ['NET_NS'], reason: 'network namespace', of: (container) => !has('none')(container) },
  { symbols: ['VETH'], reason: 'veth interface', of: has('veth') },
  {
    symbols: ['BRIDGE'],
    reason: 'veth interface on a bridge',
    of: ({ definition }) =>
      definition.network.some(({ type, link }) => type === 'veth' && link !== undefined),
  },
  { symbols: ['MACVLAN'], reason: 'macvlan interface', of: has('macvlan') },
  { symbols: ['VLAN_8021Q'], reason: 'VLAN interface', of: has('vlan') },
  {
    symbols: ['INET'],
    reason: 'IPv4 address',
    of: ({ definition }) => definition.network.some(({ ipv4 }) => ipv4.length > 0),
  },
  {
    symbols: ['IPV6'],
    reason: 'IPv6 address',
    of: ({ definition }) => definition.network.some(({ ipv6 }) => ipv6.length > 0),
  },

  { symbols: ['BRIDGE'], reason: 'the bridges of the device', when: makesBridge },
  // udhcpc receives the answer before the interface has an address.
  { symbols: ['PACKET'], reason: 'the address from a DHCP server', when: asksForAddress },

  // Address translation: nat and forward of a bridge, which iptables sets in the kernel.
  {
    symbols: ['NETFILTER', 'NF_CONNTRACK', 'IP_NF_IPTABLES', 'NF_NAT'],
    reason: 'address translation of a bridge',
    when: translates,
  },
  {
    symbols: ['NF_CONNTRACK_IPV4'],
    until: '4.18',
    reason: 'address translation of a bridge',
    when: translates,
  },
  { symbols: ['NF_NAT_IPV4'], since: '3.7', until: '3.16', reason: 'the nat table', when: translates },
  { symbols: ['IP_NF_NAT'], since: '3.17', reason: 'the nat table', when: translates },
  {
    symbols: ['IP_NF_TARGET_MASQUERADE'],
    until: '5.1',
    reason: 'masquerading behind the address of the device',
    when: translates,
  },
  {
    symbols: ['NETFILTER_XT_TARGET_MASQUERADE'],
    since: '5.2',
    reason: 'masquerading behind the address of the device',
    when: translates,
  },
  {
    symbols: ['IP_NF_MATCH_ADDRTYPE'],
    until: '2.6.38',
    reason: 'forwarded ports of the device',
    when: forwardsPorts,
  },
  {
    symbols: ['NETFILTER_XT_MATCH_ADDRTYPE'],
    since: '2.6.39',
    reason: 'forwarded ports of the device',
    when: forwardsPorts,
  },
  // In older kernels the nat table includes DNAT.
  {
    symbols: ['NETFILTER_XT_NAT'],
    since: '3.7',
    reason: 'forwarded ports of the device',
    when: forwardsPorts,
  },
];
