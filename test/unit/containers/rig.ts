import { parse } from 'yaml';
import { containerSchema, type ContainerDefinition } from '../../../toolkit/board/container-schema.ts';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { DiagnosticsError } from '../../../toolkit/base/diagnostic.ts';
import type { ContainerTarget } from '../../../toolkit/containers/emit-container.ts';
import { hostRootfsOf, type HostRootfs, type RootfsNode } from '../../../toolkit/containers/host-rootfs.ts';

/** A container definition as a board profile has it. */
export function containerFrom(yaml: string): ContainerDefinition {
  return containerSchema.parse(parse(yaml));
}

const dir = (path: string): RootfsNode => ({ path, type: 'dir' });
const file = (path: string): RootfsNode => ({ path, type: 'file' });
const link = (path: string, target: string): RootfsNode => ({ path, type: 'symlink', target });

/** The root filesystem of a small device: BusyBox with some applets, libraries, and LXC's seccomp profile. */
export function device(...more: RootfsNode[]): HostRootfs {
  return hostRootfsOf([
    ...[
      '/bin',
      '/sbin',
      '/lib',
      '/usr',
      '/usr/bin',
      '/usr/lib',
      '/var',
      '/var/lib',
      '/data',
      '/data/web',
    ].map(dir),
    ...['/bin/busybox', '/lib/libc.so.6', '/usr/share/lxc/config/common.seccomp'].map(file),
    ...['/usr/share', '/usr/share/lxc', '/usr/share/lxc/config'].map(dir),
    ...['sh', 'echo', 'ls', 'mount'].map((applet) => link(`/bin/${applet}`, 'busybox')),
    link('/sbin/init', '../bin/busybox'),
    link('/usr/bin/env', '../../bin/busybox'),
    link('/usr/lib/libm.so', 'libm.so.6'),
    file('/usr/lib/libm.so.6'),
    ...more,
  ]);
}

export function target(changes: Partial<ContainerTarget> = {}): ContainerTarget {
  return {
    lxcVersion: '5.0.2',
    cgroup: 'v2',
    lxcPath: '/var/lib/lxc',
    prefix: '/usr',
    host: device(),
    ...changes,
  };
}

/** The problems a call ends with, as they are printed. */
export async function problemsOf(call: () => Promise<unknown>): Promise<string[]> {
  try {
    await call();
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.map(formatDiagnostic);
    throw error;
  }
  return [];
}
