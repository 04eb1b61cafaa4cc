import { posix } from 'node:path';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsNode } from './host-rootfs.ts';
import type { MountContext } from './mount-plan.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import type { ProblemList, PropertyPath } from '../lxc-keys/problem-list.ts';
import { isRunTimePath, similarPath } from './wanted-mounts.ts';

/** The only hook that LXC runs inside the container's root filesystem; lxc.container.conf(5), Hooks. */
const HOOK_INSIDE = 'start';

/** Returns the program that a container runs as its first process. */
export function programOf({ command, kind }: ContainerDefinition): string | undefined {
  return command[0] ?? (kind === 'system' ? '/sbin/init' : undefined);
}

/** Returns the path on the device of the program that a container runs; undefined if unknown. */
export function programFile(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  context: Pick<MountContext, 'host' | 'inner'>,
): string | undefined {
  const program = programOf(container);
  if (program === undefined || container.raw.some((line) => /^\s*lxc\.init\b/.test(line))) return undefined;
  const found = findInside(program, container, mounts, context);
  if (found === 'unknown' || found?.type !== 'file') return undefined;
  const isBound = mounts.some(({ target }) => program === target || program.startsWith(`${target}/`));
  return isBound ? found.path : posix.join(container.rootfs.path, found.path);
}

/** Checks that a container's program and hooks exist and are executable. */
export function checkPrograms(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  context: MountContext,
): void {
  checkCommand(container, mounts, context);
  checkHooks(container, mounts, context);
}

function checkCommand(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  context: MountContext,
): void {
  const program = programOf(container);
  if (program === undefined || container.raw.some((line) => /^\s*lxc\.init\b/.test(line))) return;
  const path: PropertyPath = container.command.length > 0 ? ['command', 0] : [];
  const found = findInside(program, container, mounts, context);
  if (found === 'unknown') return;
  if (found?.type === 'file') checkMode(`${container.name} runs ${program}`, found, path, context.problems);
  else {
    context.problems.error(
      path,
      `${container.name} runs ${program}, which is not in it`,
      context.host.lookup(program)?.type === 'file' ? `add ${program} to its bind` : undefined,
    );
  }
}

/** Checks hooks. A hook is a shell command line, so only a program with an absolute path as a plain word is checked. */
function checkHooks(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  context: MountContext,
): void {
  const { name, hooks } = container;
  for (const [hook, commands] of Object.entries(hooks)) {
    for (const [i, command] of commands.entries()) {
      const [program] = /^\/[\w./+@-]+(?=\s|$)/.exec(command.trim()) ?? [];
      if (program === undefined) continue;
      const inside = hook === HOOK_INSIDE;
      const found = inside ? findInside(program, container, mounts, context) : findOutside(program, context);
      if (found === 'unknown') continue;
      const path = ['hooks', hook, i];
      const says = `the ${hook} hook of ${name} is ${program}`;
      if (found?.type === 'file') checkMode(says, found, path, context.problems);
      else if (inside) {
        const help =
          context.host.lookup(program)?.type === 'file'
            ? `LXC runs this hook in the container: add ${program} to its bind`
            : undefined;
        context.problems.error(path, `${says}, which is not in the container`, help);
      } else {
        const help = similarPath(context.host, program);
        context.problems.error(path, `${says}, which is not in the root filesystem`, help);
      }
    }
  }
}

function checkMode(says: string, { mode }: RootfsNode, path: PropertyPath, problems: ProblemList): void {
  if (mode === undefined || (mode & 0o111) !== 0) return;
  const octal = mode.toString(8).padStart(4, '0');
  problems.error(path, `${says}, which is not executable: its mode is ${octal}`, 'give it mode 0755');
}

/**
 * Finds a program in a container: in its root filesystem or in one of its binds. Mounts by raw lines and other file
 * systems cannot be searched.
 */
function findInside(
  program: string,
  { raw }: ContainerDefinition,
  mounts: readonly PlannedMount[],
  context: Pick<MountContext, 'host' | 'inner'>,
): RootfsNode | 'unknown' | undefined {
  if (raw.some((line) => /^\s*lxc\.(mount|rootfs)\b/.test(line))) return 'unknown';
  const above = mounts.findLast(({ target }) => program === target || program.startsWith(`${target}/`));
  if (above === undefined) return context.inner.lookup(program);
  if (above.source === undefined) return 'unknown';
  return findOutside(posix.join(above.source, program.slice(above.target.length)), context);
}

function findOutside(path: string, { host }: Pick<MountContext, 'host'>): RootfsNode | 'unknown' | undefined {
  return isRunTimePath(path) ? 'unknown' : host.lookup(path);
}
