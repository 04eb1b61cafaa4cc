import { shellWord } from '../base/shell-word.ts';
import { addressIn, netmaskOf, networkOf } from '../base/ipv4-subnet.ts';
import type { HostBridge, HostInterface } from '../board/host-network-schema.ts';

/** The networks of a device in its profile. */
export interface HostNetworks {
  readonly interfaces: readonly HostInterface[];
  readonly bridges: readonly HostBridge[];
}

/** Returns the shell commands, one per line, that set up the networks at boot. */
export function networkCommands({ interfaces, bridges }: HostNetworks): string[] {
  const made = bridges.filter(({ external }) => !external);
  return [
    ...interfaces.flatMap(addressCommands),
    ...made.flatMap(bridgeCommands),
    ...translationCommands(made),
  ];
}

/** Whether the networks need iptables. */
export function needsTranslation(bridges: readonly HostBridge[]): boolean {
  return bridges.some(({ nat, forward }) => nat || forward.length > 0);
}

function addressCommands({ name: plainName, ipv4, gateway, dhcp }: HostInterface): string[] {
  const name = shellWord(plainName);
  return [
    ipv4 === undefined
      ? `ifconfig ${name} up`
      : `ifconfig ${name} ${addressIn(ipv4)} netmask ${netmaskOf(ipv4)} up`,
    ...(gateway === undefined ? [] : [`route add default gw ${gateway}`]),
    // In the background if no server answers at once: a cable may be plugged in later.
    ...(dhcp ? [`udhcpc -b -i ${name}`] : []),
  ];
}

function bridgeCommands(bridge: HostBridge): string[] {
  const { stp } = bridge;
  const name = shellWord(bridge.name);
  const attach = bridge.attach.map(shellWord);
  return [
    `brctl addbr ${name}`,
    // Set it before the spanning tree protocol, with which the kernel refuses less than two seconds.
    `brctl setfd ${name} ${bridge['forward-delay']}`,
    ...(stp ? [`brctl stp ${name} on`] : []),
    ...attach.flatMap((port) => [`ifconfig ${port} 0.0.0.0 up`, `brctl addif ${name} ${port}`]),
    ...addressCommands(bridge),
  ];
}

function translationCommands(bridges: readonly HostBridge[]): string[] {
  if (!needsTranslation(bridges)) return [];
  const rules = bridges.flatMap(({ ipv4 = '', nat, forward }) => {
    const network = networkOf(ipv4);
    return [
      ...(nat ? [`POSTROUTING -s ${network} ! -d ${network} -j MASQUERADE`] : []),
      ...forward.flatMap((one) => forwardRules(one, network)),
    ];
  });
  return ['sysctl -q -w net.ipv4.ip_forward=1', ...rules.map((rule) => `iptables -t nat -A ${rule}`)];
}

/**
 * Returns the rules that forward a port of the device to a container: for incoming packets, for those of the device's
 * own programs, and for other containers, whose answers must go through the device.
 */
function forwardRules({ port, to, proto }: HostBridge['forward'][number], network: string): string[] {
  const [address = '', inside = ''] = to.split(':');
  const target = `-p ${proto} --dport ${port} -m addrtype --dst-type LOCAL -j DNAT --to-destination ${to}`;
  return [
    `PREROUTING ${target}`,
    `OUTPUT ! -d 127.0.0.0/8 ${target}`,
    `POSTROUTING -s ${network} -d ${address} -p ${proto} --dport ${inside} -j MASQUERADE`,
  ];
}
