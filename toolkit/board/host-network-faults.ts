import { subnetHolds } from '../base/ipv4-subnet.ts';

/** A mistake in a part of a profile; `message` follows the name of the key. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** An interface or a bridge as written, perhaps with other mistakes. */
export interface WrittenInterface {
  readonly name?: unknown;
  readonly ipv4?: string | undefined;
  readonly gateway?: string | undefined;
  readonly dhcp?: boolean | undefined;
}

export interface WrittenBridge extends WrittenInterface {
  readonly external?: boolean | undefined;
  readonly attach?: readonly string[] | undefined;
  readonly stp?: boolean | undefined;
  readonly 'forward-delay'?: number | undefined;
  readonly nat?: boolean | undefined;
  readonly forward?: readonly WrittenForward[] | undefined;
}

interface WrittenForward {
  readonly port?: number | undefined;
  readonly to?: string | undefined;
  readonly proto?: string | undefined;
}

const CIDR = /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}\/[0-9]{1,2}$/;
const ADDRESS = /^((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::[0-9]+)?$/;

/** Finds address keys of an interface that contradict each other. */
export function addressFaults({ ipv4, gateway, dhcp }: WrittenInterface): Fault[] {
  const found: Fault[] = [];
  if (dhcp === true) {
    if (ipv4 !== undefined)
      found.push({ path: ['ipv4'], message: 'must not be set: with dhcp, the address comes from a server' });
    if (gateway !== undefined)
      found.push({
        path: ['gateway'],
        message: 'must not be set: with dhcp, the gateway comes from a server',
      });
  } else if (gateway !== undefined) {
    if (ipv4 === undefined) found.push({ path: ['gateway'], message: 'needs an address: ipv4 is missing' });
    else if (isOutside(ipv4, gateway))
      found.push({ path: ['gateway'], message: `cannot be reached: it is outside ${ipv4}` });
  }
  return found;
}

/** The keys for a bridge that lxc-kit makes; an external bridge cannot have them. */
const MADE_HERE = ['ipv4', 'gateway', 'dhcp', 'attach', 'stp', 'forward-delay', 'nat', 'forward'] as const;

/** Finds keys of a bridge that contradict each other. */
export function bridgeFaults(bridge: WrittenBridge): Fault[] {
  if (bridge.external === true) {
    return MADE_HERE.filter((key) => isSet(bridge[key])).map((key) => ({
      path: [key],
      message: 'must not be set: the bridge is external, and lxc-kit leaves it alone',
    }));
  }
  const found = addressFaults(bridge);
  const { ipv4, 'forward-delay': delay } = bridge;
  if (bridge.stp === true && delay !== undefined && delay < 2)
    found.push({ path: ['forward-delay'], message: 'must be 2 or more: the kernel needs that with stp' });
  for (const key of ['nat', 'forward'] as const) {
    if (ipv4 === undefined && isSet(bridge[key]))
      found.push({ path: [key], message: 'needs the address of the bridge: ipv4 is missing' });
  }
  for (const [index, forward] of listOf(bridge.forward).entries()) {
    if (ipv4 !== undefined && isOutside(ipv4, forward?.to))
      found.push({ path: ['forward', index, 'to'], message: `is outside the bridge's network ${ipv4}` });
  }
  return found;
}

/** Finds interfaces and ports of the device that two bridges claim. */
export function sharedFaults(bridges: readonly (WrittenBridge | null)[]): Fault[] {
  const found: Fault[] = [];
  const owners = new Map<string, string>();
  const take = (what: string, owner: string, path: Fault['path']): void => {
    const first = owners.get(what);
    if (first === undefined) owners.set(what, owner);
    else found.push({ path, message: `is ${what}, which already belongs to ${first}` });
  };
  for (const [index, bridge] of listOf(bridges).entries()) {
    const owner = String(bridge?.name);
    for (const [at, name] of listOf(bridge?.attach).entries())
      take(`interface ${String(name)}`, owner, [index, 'attach', at]);
    for (const [at, forward] of listOf(bridge?.forward).entries())
      take(`${forward?.proto ?? 'tcp'} port ${String(forward?.port)}`, owner, [index, 'forward', at, 'port']);
  }
  return found;
}

/** Whether an address, with or without a port, is outside a network; false if either is not a valid address. */
function isOutside(cidr: string, text: unknown): boolean {
  const [, address] = ADDRESS.exec(String(text)) ?? [];
  return address !== undefined && CIDR.test(cidr) && !subnetHolds(cidr, address);
}

function listOf<Item>(value: readonly Item[] | null | undefined): readonly (Item | null | undefined)[] {
  return Array.isArray(value) ? (value as readonly Item[]) : [];
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
