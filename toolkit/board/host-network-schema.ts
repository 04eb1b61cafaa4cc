import { z } from 'zod';
import { textLike } from '../yaml/field-formats.ts';
import { addressFaults, bridgeFaults, sharedFaults, type Fault } from './host-network-faults.ts';
import { interfaceName, ipv4Address } from './network-schema.ts';
import { evenWithMistakes, refuseTwice } from '../yaml/refuse-twice.ts';

const addressing = {
  ipv4: ipv4Address.optional().describe('Its IPv4 address with the prefix length, such as 192.168.0.1/24'),
  gateway: z.ipv4({ error: 'must be an IPv4 address' }).optional().describe("The device's default gateway"),
  dhcp: z.boolean().default(false).describe('Whether it gets address and gateway from a DHCP server'),
};

function refuse<Value>(
  faultsOf: (value: Value) => readonly Fault[],
): (value: Value, context: z.core.$RefinementCtx<Value>) => void {
  return (value, context) => {
    for (const { path, message } of faultsOf(value))
      context.addIssue({ code: 'custom', path: [...path], message, input: value });
  };
}

const hostInterface = z
  .strictObject({
    name: interfaceName.meta({ description: 'The name of the interface', examples: ['eth0'] }),
    ...addressing,
  })
  .superRefine(refuse(addressFaults), evenWithMistakes);

const TARGET_ERROR = 'must be an address and a port such as 192.168.0.2:80';

const portForward = z.strictObject({
  port: z
    .int()
    .min(1)
    .max(65_535)
    .meta({ description: 'The port of the device', examples: [8080] }),
  to: textLike(/^[0-9.]+:[0-9]+$/, TARGET_ERROR)
    .refine(isTarget, { error: TARGET_ERROR })
    .meta({ description: 'Address and port of the container', examples: ['192.168.0.2:80'] }),
  proto: z.enum(['tcp', 'udp']).default('tcp').describe('The protocol: tcp or udp'),
});

function isTarget(text: string): boolean {
  const [address, port] = text.split(':');
  return z.ipv4().safeParse(address).success && Number(port) >= 1 && Number(port) <= 65_535;
}

const hostBridge = z
  .strictObject({
    name: interfaceName.meta({ description: 'The name of the bridge', examples: ['lxcbr0'] }),
    external: z
      .boolean()
      .default(false)
      .describe('true: your own script makes it; lxc-kit only needs its name'),
    ...addressing,
    attach: z
      .array(interfaceName)
      .default([])
      .describe("The device's own interfaces that become ports of the bridge, such as eth0"),
    stp: z.boolean().default(false).describe('Whether it uses the spanning tree protocol'),
    'forward-delay': z
      .int()
      .min(0)
      .max(30)
      .optional()
      .describe('Seconds until a new port forwards packets; by default 0, or 15 with stp'),
    nat: z
      .boolean()
      .default(false)
      .describe("Whether containers reach other networks through the device's own address (masquerading)"),
    forward: z
      .array(portForward)
      .default([])
      .describe('Ports of the device that are forwarded to containers'),
  })
  .superRefine(refuse(bridgeFaults), evenWithMistakes)
  .transform((bridge) => ({ ...bridge, 'forward-delay': bridge['forward-delay'] ?? (bridge.stp ? 15 : 0) }));

/** The device's own interfaces that get an address at boot. */
export const hostInterfaces = z.array(hostInterface).superRefine(refuseTwice('name'), evenWithMistakes);

/** The bridges of the device. A container's veth interface names one of them in `link`. */
export const hostBridges = z
  .array(hostBridge)
  .superRefine(refuseTwice('name'), evenWithMistakes)
  .superRefine(refuse(sharedFaults), evenWithMistakes);

export type HostInterface = z.output<typeof hostInterface>;
export type HostBridge = z.output<typeof hostBridge>;
