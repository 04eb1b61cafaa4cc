import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hostBridges, hostInterfaces } from '../../../toolkit/board/host-network-schema.ts';
import { deriveFragment } from '../../../toolkit/kernel-needs/derive-fragment.ts';
import { listNeeds } from '../../../toolkit/kernel-needs/list-needs.ts';
import { boardWith } from './rig.ts';

/** Symbols that the networks of a device require beyond those of a device without any. */
function extra(bridges: string, kernelVersion: string, interfaces = '[]'): string[] {
  const required = (changes: Parameters<typeof boardWith>[1]): string[] =>
    listNeeds(boardWith([], { kernelVersion, ...changes }))
      .filter(({ wanted }) => !wanted)
      .map(({ symbol }) => symbol.replace('CONFIG_', ''));
  const base = required({});
  const networks = {
    bridges: hostBridges.parse(parse(bridges)),
    interfaces: hostInterfaces.parse(parse(interfaces)),
  };
  return required(networks)
    .filter((symbol) => !base.includes(symbol))
    .sort();
}

const NAT = '[{ name: br0, ipv4: 10.0.3.1/24, nat: true }]';
const FORWARD = '[{ name: br0, ipv4: 10.0.3.1/24, forward: [{ port: 80, to: 10.0.3.2:80 }] }]';

describe('the networks of a device need', () => {
  it('a bridge, unless a script makes it, and raw sockets for DHCP', () => {
    expect(extra('[{ name: br0 }]', '6.1')).toEqual(['BRIDGE']);
    expect(extra('[{ name: br0, external: true }]', '6.1')).toEqual([]);
    expect(extra('[]', '6.1', '[{ name: eth0, dhcp: true }]')).toEqual(['PACKET']);
  });

  const common = ['BRIDGE', 'IP_NF_IPTABLES', 'NETFILTER', 'NF_CONNTRACK', 'NF_NAT'];
  it.each([
    ['2.6.32', ['IP_NF_TARGET_MASQUERADE', 'NF_CONNTRACK_IPV4'], ['IP_NF_MATCH_ADDRTYPE']],
    [
      '3.8',
      ['IP_NF_TARGET_MASQUERADE', 'NF_CONNTRACK_IPV4', 'NF_NAT_IPV4'],
      ['NETFILTER_XT_MATCH_ADDRTYPE', 'NETFILTER_XT_NAT'],
    ],
    [
      '4.9',
      ['IP_NF_NAT', 'IP_NF_TARGET_MASQUERADE', 'NF_CONNTRACK_IPV4'],
      ['NETFILTER_XT_MATCH_ADDRTYPE', 'NETFILTER_XT_NAT'],
    ],
    [
      '5.10',
      ['IP_NF_NAT', 'NETFILTER_XT_TARGET_MASQUERADE'],
      ['NETFILTER_XT_MATCH_ADDRTYPE', 'NETFILTER_XT_NAT'],
    ],
    [
      '7.1',
      ['IP_NF_NAT', 'NETFILTER_XT_TARGET_MASQUERADE'],
      ['NETFILTER_XT_MATCH_ADDRTYPE', 'NETFILTER_XT_NAT'],
    ],
  ])('the parts of address translation that Linux %s has', (version, nat, forward) => {
    expect(extra(NAT, version)).toEqual([...common, ...nat].sort());
    expect(extra(FORWARD, version)).toEqual([...common, ...nat, ...forward].sort());
  });

  it('the tables of iptables-legacy where they have to be asked for', () => {
    const fragment = (kernelVersion: string): string =>
      deriveFragment(boardWith([], { kernelVersion, bridges: hostBridges.parse(parse(NAT)) }), []).text;
    expect(fragment('6.12')).not.toContain('NETFILTER_XTABLES_LEGACY');
    expect(fragment('7.1')).toContain('CONFIG_NETFILTER_XTABLES_LEGACY=y');
    expect(fragment('7.1')).toContain('CONFIG_IP_NF_IPTABLES_LEGACY=y');
  });
});
