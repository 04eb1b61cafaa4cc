import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostBridges, hostInterfaces } from '../../../toolkit/board/host-network-schema.ts';
import { networkCommands } from '../../../toolkit/rootfs/network-commands.ts';

function commandsOf(yaml: string): string[] {
  const { interfaces = [], bridges = [] } = parse(yaml) as Record<string, unknown>;
  return networkCommands({
    interfaces: hostInterfaces.parse(interfaces),
    bridges: hostBridges.parse(bridges),
  });
}

describe('the commands that set up the networks at boot', () => {
  test('a device without networks of its own gets none', () => {
    expect(commandsOf('bridges: [{ name: br9, external: true }]')).toEqual([]);
  });

  test('interfaces get an address, a gateway, or ask for both', () => {
    expect(
      commandsOf(`
interfaces:
  - { name: eth0, ipv4: 172.16.7.73/16, gateway: 172.16.0.1 }
  - { name: eth1, dhcp: true }
  - { name: eth2 }`),
    ).toEqual([
      'ifconfig eth0 172.16.7.73 netmask 255.255.0.0 up',
      'route add default gw 172.16.0.1',
      'ifconfig eth1 up',
      'udhcpc -b -i eth1',
      'ifconfig eth2 up',
    ]);
  });

  test('a bridge is made, gets its ports, and then its address', () => {
    expect(
      commandsOf('bridges: [{ name: lxcbr0, ipv4: 192.168.0.1/24, gateway: 192.168.0.254, attach: [eth0] }]'),
    ).toEqual([
      'brctl addbr lxcbr0',
      'brctl setfd lxcbr0 0',
      'ifconfig eth0 0.0.0.0 up',
      'brctl addif lxcbr0 eth0',
      'ifconfig lxcbr0 192.168.0.1 netmask 255.255.255.0 up',
      'route add default gw 192.168.0.254',
    ]);
  });

  test('with the spanning tree protocol the delay is what the kernel takes', () => {
    expect(commandsOf('bridges: [{ name: br0, stp: true }]')).toEqual([
      'brctl addbr br0',
      'brctl setfd br0 15',
      'brctl stp br0 on',
      'ifconfig br0 up',
    ]);
  });

  test('a translated network is forwarded and masqueraded, but not within itself', () => {
    expect(commandsOf('bridges: [{ name: br0, ipv4: 10.1.2.129/25, nat: true }]').slice(-2)).toEqual([
      'sysctl -q -w net.ipv4.ip_forward=1',
      'iptables -t nat -A POSTROUTING -s 10.1.2.128/25 ! -d 10.1.2.128/25 -j MASQUERADE',
    ]);
  });

  test('a forwarded port leads in from outside, from the device and from the other containers', () => {
    const commands = commandsOf(
      'bridges: [{ name: br0, ipv4: 10.0.3.1/24, forward: [{ port: 53, to: 10.0.3.2:5353, proto: udp }] }]',
    );
    const target = '-p udp --dport 53 -m addrtype --dst-type LOCAL -j DNAT --to-destination 10.0.3.2:5353';
    expect(commands.slice(-3)).toEqual([
      `iptables -t nat -A PREROUTING ${target}`,
      `iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 ${target}`,
      'iptables -t nat -A POSTROUTING -s 10.0.3.0/24 -d 10.0.3.2 -p udp --dport 5353 -j MASQUERADE',
    ]);
  });
});
