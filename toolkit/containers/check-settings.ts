import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from './automatic-mounts.ts';
import { seccompProfile } from './definition-fields.ts';
import type { HostRootfs } from './host-rootfs.ts';
import type { ProblemList } from './problem-list.ts';
import { isRunTimePath, similarPath } from './wanted-mounts.ts';

interface CheckContext {
  readonly host: HostRootfs;
  /** The prefix LXC is installed under, such as `/usr`. */
  readonly prefix: string;
  readonly problems: ProblemList;
}

/** Checks settings that LXC takes when it reads the configuration and stumbles over when it starts the container. */
export function checkSettings(container: ContainerDefinition, context: CheckContext): void {
  checkSeccompProfile(container, context);
  checkIncludes(container, context);
  checkKernelSettings(container, context);
}

function checkSeccompProfile(
  { name, seccomp }: ContainerDefinition,
  { host, prefix, problems }: CheckContext,
): void {
  if (seccomp === undefined) return;
  const profile = seccompProfile(seccomp, prefix);
  if (host.lookup(profile)?.type === 'file') return;
  problems.error(
    ['seccomp'],
    `${name} uses the seccomp profile ${profile}, which is not in the root filesystem`,
  );
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
