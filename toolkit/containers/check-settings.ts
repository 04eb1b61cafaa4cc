import type { ContainerDefinition } from '../board/container-schema.ts';
import { checkAutomaticCgroups } from './automatic-cgroups.ts';
import { automaticMounts } from './automatic-mounts.ts';
import type { CgroupLayout } from './cgroup-settings.ts';
import { seccompProfile } from './definition-fields.ts';
import type { HostRootfs } from './host-rootfs.ts';
import type { ProblemList } from './problem-list.ts';
import { isRunTimePath, similarPath } from './wanted-mounts.ts';

interface CheckContext {
  readonly host: HostRootfs;
  /** The prefix LXC is installed under, such as `/usr`. */
  readonly prefix: string;
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  /** The bridges that are made at boot; without it nothing is said about them. */
  readonly bridges?: readonly string[];
  readonly problems: ProblemList;
}

/** Checks settings that LXC takes when it reads the configuration and stumbles over when it starts the container. */
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
  if (seccomp === undefined) return;
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
      'write a policy as SECCOMP CONFIGURATION in lxc.container.conf(5) describes it, or take seccomp out',
    );
  }
}

/**
 * A profile without any bridges leaves them to scripts of its own, which cannot be looked into. One that has some is
 * held to them when it is read.
 */
function checkBridges({ name, network }: ContainerDefinition, { bridges, problems }: CheckContext): void {
  if (bridges?.length !== 0) return;
  for (const [i, one] of network.entries()) {
    if (one.type !== 'veth' || one.link === undefined) continue;
    problems.warning(
      ['network', i, 'link'],
      `${name} starts only when something on the device has made the bridge ${one.link}: this board makes none`,
      `add "bridges: [{ name: ${one.link} }]" to the board profile, with "external: true" if a script of yours makes it`,
    );
  }
}

/** A file that LXC cannot read makes it refuse the whole configuration. */
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

/** LXC writes them through the container's /proc, when its automatic mounts have made parts of that read-only. */
function checkKernelSettings(container: ContainerDefinition, { problems }: CheckContext): void {
  const word = automaticMounts(container).find((one) => /^proc(?::|$)/.test(one));
  if (word === undefined || word.startsWith('proc:rw')) return;
  for (const setting of Object.keys(container.sysctl)) {
    // `mixed` leaves /proc/sys/net writable.
    if (/^net[./]/.test(setting)) continue;
    problems.error(
      ['sysctl', setting],
      `${container.name} will not start: LXC sets ${setting} through /proc, where ${word} has made it read-only`,
      'write "auto: [proc:rw, sys:ro]"',
    );
  }
}
