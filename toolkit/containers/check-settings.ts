import type { ContainerDefinition } from '../board/container-schema.ts';
import { checkAutomaticCgroups } from './automatic-cgroups.ts';
import { automaticMounts } from '../lxc-config/automatic-mounts.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';
import { seccompProfile } from '../lxc-config/definition-fields.ts';
import type { HostRootfs } from './host-rootfs.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { isRunTimePath, similarPath } from './wanted-mounts.ts';

interface CheckContext {
  readonly host: HostRootfs;
  /** The install prefix of LXC, such as `/usr`. */
  readonly prefix: string;
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  /** The bridges that are made at boot; undefined: they are not checked. */
  readonly bridges?: readonly string[];
  readonly problems: ProblemList;
}

/** Checks settings that LXC accepts in the configuration but that make the start of the container fail. */
export function checkSettings(container: ContainerDefinition, context: CheckContext): void {
  checkSeccompProfile(container, context);
  checkBridges(container, context);
  checkIncludes(container, context);
  checkKernelSettings(container, context);
  checkAutomaticCgroups(container, context);
}

function checkSeccompProfile(
  { name, seccomp }: ContainerDefinition,
  { host, prefix, problems }: CheckContext,
): void {
  if (seccomp === undefined || seccomp === 'none') return;
  const profile = seccompProfile(seccomp, prefix);
  const found = host.lookup(profile);
  if (found?.type !== 'file') {
    problems.error(
      ['seccomp'],
      `${name} uses the seccomp profile ${profile}, which is not in the root filesystem`,
      similarPath(host, profile),
    );
  } else if (found.sizeBytes === 0) {
    problems.error(
      ['seccomp'],
      `${name} uses the seccomp profile ${profile}, which is empty: LXC refuses it`,
      'write a policy as described in lxc.container.conf(5), SECCOMP CONFIGURATION, or remove seccomp',
    );
  }
}

/**
 * Warns about a bridge if the profile has none: the user's scripts, which are not checked, may make it. A profile with
 * bridges is checked when it is read.
 */
function checkBridges({ name, network }: ContainerDefinition, { bridges, problems }: CheckContext): void {
  if (bridges?.length !== 0) return;
  for (const [i, one] of network.entries()) {
    if (one.type !== 'veth' || one.link === undefined) continue;
    problems.warning(
      ['network', i, 'link'],
      `${name} starts only if something on the device makes the bridge ${one.link}: this board has no bridges`,
      `add "bridges: [{ name: ${one.link} }]" to the board profile, with "external: true" if your own script makes it`,
    );
  }
}

/** Checks included files: LXC refuses the whole configuration if it cannot read one. */
function checkIncludes({ name, include }: ContainerDefinition, { host, problems }: CheckContext): void {
  for (const [i, path] of include.entries()) {
    if (isRunTimePath(path) || host.lookup(path) !== undefined) continue;
    problems.error(
      ['include', i],
      `${name} includes ${path}, which is not in the root filesystem`,
      similarPath(host, path),
    );
  }
}

/** Checks kernel settings: LXC writes them through the container's /proc, after its automatic mounts made parts of it read-only. */
function checkKernelSettings(container: ContainerDefinition, { problems }: CheckContext): void {
  const word = automaticMounts(container).find((one) => /^proc(?::|$)/.test(one));
  if (word === undefined || word.startsWith('proc:rw')) return;
  for (const setting of Object.keys(container.sysctl)) {
    // `mixed` keeps /proc/sys/net writable.
    if (/^net[./]/.test(setting)) continue;
    problems.error(
      ['sysctl', setting],
      `${container.name} will not start: LXC sets ${setting} through /proc, where ${word} makes it read-only`,
      'write "auto: [proc:rw, sys:ro]"',
    );
  }
}
