import type { KernelUse } from '../cgroups/lxc-compatibility.ts';
import type { VersionQuestion } from '../cgroups/version-conflicts.ts';
import { cgroupLayouts } from '../cgroups/layouts.ts';
import { limitSettings } from '../cgroups/cgroup-settings.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { BoardProfile } from '../board/schema.ts';

/** The kernel's controllers that the table has rows for. */
const CONTROLLER_USES: readonly KernelUse[] = ['memory', 'pids', 'cpu', 'cpuset'];

/** Returns the facts of a profile that decide which LXC and kernel it can use, without the versions. */
export function versionQuestion({
  cgroup,
  containers,
}: BoardProfile): Omit<VersionQuestion, 'lxc' | 'kernel'> {
  const uses = new Map<KernelUse, readonly string[]>();
  for (const use of ['devices', 'autodev', ...CONTROLLER_USES, 'idmapped-rootfs'] as const) {
    const names = containers.filter((one) => usesOf(one, cgroup).has(use)).map(({ name }) => name);
    if (names.length > 0) uses.set(use, names);
  }
  const withSettings = containers.filter(
    (one) => one.devices !== undefined || controllersOf(one, cgroup).length > 0,
  );
  return { cgroup, uses, withSettings: withSettings.map(({ name }) => name) };
}

/** Returns the controllers whose files a container sets: the part of the file's name before the dot. */
export function controllersOf(container: ContainerDefinition, cgroup: BoardProfile['cgroup']): string[] {
  const { version } = cgroupLayouts[cgroup];
  const prefix = version === 'v2' ? 'lxc.cgroup2.' : 'lxc.cgroup.';
  const files = [
    ...limitSettings(container.limits, cgroup).map(({ file }) => file),
    ...rawKeys(container).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : [])),
    ...(container.devices === undefined ? [] : ['devices.allow']),
  ];
  // These are not controllers: cgroup.freeze is a file of every group, and v2 has no files for device rules.
  const not = version === 'v2' ? ['cgroup', 'devices'] : ['cgroup'];
  // lxc.cgroup.dir and similar keys are for LXC's own groups.
  const names = files.filter((file) => file.includes('.')).map((file) => file.replace(/\..*$/, ''));
  return [...new Set(names)].filter((name) => !not.includes(name)).sort();
}

function usesOf(container: ContainerDefinition, cgroup: BoardProfile['cgroup']): ReadonlySet<KernelUse> {
  const controllers = controllersOf(container, cgroup);
  return new Set([
    ...(container.autodev ? (['autodev'] as const) : []),
    ...(hasDeviceRules(container) ? (['devices'] as const) : []),
    ...(hasIdmappedRootfs(container) ? (['idmapped-rootfs'] as const) : []),
    ...CONTROLLER_USES.filter((use) => controllers.includes(use)),
  ]);
}

function hasDeviceRules(container: ContainerDefinition): boolean {
  const isRule = (key: string): boolean => /^lxc\.cgroup2?\.devices\./.test(key);
  return container.devices !== undefined || rawKeys(container).some(isRule);
}

function hasIdmappedRootfs({ raw }: ContainerDefinition): boolean {
  return raw.some((text) => {
    const line = parseConfigLine(text);
    return line.kind === 'setting' && line.key === 'lxc.rootfs.options' && /\bidmap=/.test(line.value);
  });
}

function rawKeys({ raw }: ContainerDefinition): string[] {
  return raw.flatMap((text) => {
    const line = parseConfigLine(text);
    return line.kind === 'setting' ? [line.key] : [];
  });
}
