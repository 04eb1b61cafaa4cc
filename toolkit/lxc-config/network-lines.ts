import type { ContainerDefinition } from '../board/container-schema.ts';
import type { Concept } from '../lxc-keys/concept-keys.ts';
import type { ConfigLine, LineWriter } from '../lxc-keys/line-writer.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';

type NetworkInterface = ContainerDefinition['network'][number];
type InterfaceKey = keyof NetworkInterface;

/** A part of an interface that corresponds to one key of the configuration. */
export interface InterfaceField {
  readonly key: InterfaceKey;
  readonly concept: Concept;
  readonly shape: 'text' | 'number' | 'lines';
}

/**
 * In the order of writing; for LXC only the type must come first. Importing a configuration uses the same table.
 */
export const interfaceFields: readonly InterfaceField[] = [
  { key: 'link', concept: 'network-link', shape: 'text' },
  { key: 'name', concept: 'network-name', shape: 'text' },
  { key: 'pair', concept: 'network-veth-pair', shape: 'text' },
  { key: 'hwaddr', concept: 'network-hwaddr', shape: 'text' },
  { key: 'mtu', concept: 'network-mtu', shape: 'number' },
  { key: 'vlan-id', concept: 'network-vlan-id', shape: 'number' },
  { key: 'mode', concept: 'network-macvlan-mode', shape: 'text' },
  { key: 'ipv4', concept: 'network-ipv4', shape: 'lines' },
  { key: 'gateway', concept: 'network-ipv4-gateway', shape: 'text' },
  { key: 'ipv6', concept: 'network-ipv6', shape: 'lines' },
  { key: 'gateway6', concept: 'network-ipv6-gateway', shape: 'text' },
];

/** The only interface of a container without a network. LXC up to 4.0.10 needs this name in the configuration. */
export const LOOPBACK_NAME = 'lo';

/**
 * Returns the lines of a container's network interfaces. A definition without any gets an empty network namespace,
 * which has only a loopback. Only an explicit `type: none` shares the host's network.
 */
export function networkLines(
  container: ContainerDefinition,
  writer: LineWriter,
  problems: ProblemList,
): ConfigLine[] {
  const shared = container['share-network'];
  // A shared namespace needs no setup.
  if (shared !== undefined) return writer.line('share-network', shared, ['share-network'], 'net');
  if (container.network.length === 0) {
    return [
      ...writer.ownLine('network-type', 'empty', '0'),
      ...writer.ownLine('network-name', LOOPBACK_NAME, '0'),
      ...writer.ownLine('network-flags', 'up', '0'),
    ];
  }
  checkInterfaces(container, problems);
  return container.network.flatMap((network, i) => interfaceLines(network, i, writer));
}

function interfaceLines(network: NetworkInterface, index: number, writer: LineWriter): ConfigLine[] {
  const path = ['network', index];
  // LXC 5.0 and later forget settings that come before the type.
  const lines = writer.line('network-type', network.type, [...path, 'type'], String(index));
  if (network.type === 'none') return lines;
  if (network.type === 'empty') lines.push(...writer.ownLine('network-name', LOOPBACK_NAME, String(index)));
  if (network.up) lines.push(...writer.line('network-flags', 'up', [...path, 'up'], String(index)));
  for (const { key, concept } of interfaceFields) {
    const value = network[key];
    if (value === undefined || typeof value === 'boolean') continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      lines.push(...writer.line(concept, one, [...path, key], String(index)));
    }
  }
  return lines;
}

function checkInterfaces({ name, network }: ContainerDefinition, problems: ProblemList): void {
  for (const [i, one] of network.entries()) {
    if (one.type === 'none' && network.length > 1) {
      problems.error(
        ['network', i, 'type'],
        `${name}: the network type none shares the host's network and cannot be combined with other interfaces`,
      );
    }
    if (one.gateway !== undefined && one.ipv4.length === 0) {
      problems.error(['network', i, 'gateway'], `${name}: a gateway needs an address: ipv4 is missing`);
    }
    if (one.gateway6 !== undefined && one.ipv6.length === 0) {
      problems.error(['network', i, 'gateway6'], `${name}: a gateway needs an address: ipv6 is missing`);
    }
    if ((one.gateway ?? one.gateway6) !== undefined && !one.up) {
      problems.error(['network', i, 'up'], `${name}: a gateway needs an interface that is up`);
    }
  }
}
