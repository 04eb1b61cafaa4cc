import type { Capability } from '../base/linux-names.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { mapsOf } from '../lxc-keys/id-map-lines.ts';

interface KeptCapabilities {
  readonly kind: ContainerDefinition['kind'];
  readonly capabilities: readonly Capability[];
  /** Kept only in a user namespace, where they reach nothing outside of it. */
  readonly inUserNamespace?: true;
}

/**
 * The capabilities that containers keep by default (capabilities(7)). To keep one more, add it to a row.
 *
 * None of those that reach the device: sys_admin, sys_module, sys_rawio, sys_time, mknod, dac_read_search, sys_nice,
 * sys_resource, mac_*, bpf, perfmon, syslog.
 */
const KEPT: readonly KeptCapabilities[] = [
  {
    // Docker's default without mknod, net_raw and setfcap.
    kind: 'application',
    capabilities: [
      ...(['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap'] as const),
      ...(['net_bind_service', 'sys_chroot', 'audit_write'] as const),
    ],
  },
  {
    kind: 'system',
    capabilities: [
      ...(['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap'] as const),
      ...(['net_bind_service', 'sys_chroot', 'audit_write'] as const),
      // udhcpc and ping open packet sockets and set addresses.
      ...(['net_admin', 'net_raw'] as const),
    ],
  },
  // reboot() of the container's init; in a PID namespace it ends that namespace (reboot(2)).
  { kind: 'system', capabilities: ['sys_boot'], inUserNamespace: true },
];

/** Returns the capabilities that a container keeps without a word in its definition. */
export function defaultCapabilities(container: ContainerDefinition): Capability[] {
  const hasNamespace = mapsOf(container).length > 0;
  return KEPT.filter(
    ({ kind, inUserNamespace }) => kind === container.kind && (inUserNamespace === undefined || hasNamespace),
  ).flatMap(({ capabilities }) => capabilities);
}
