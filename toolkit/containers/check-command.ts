import { posix } from 'node:path';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { MountContext, PlannedMount } from './mount-plan.ts';
import { isRunTimePath } from './wanted-mounts.ts';

/**
 * Checks that the program a container runs is in it: in its root filesystem or in one of its binds. What is mounted
 * by raw lines, or from a file system of its own, cannot be looked into and is not judged.
 */
export function checkCommand(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  context: MountContext,
): void {
  const program = container.command[0] ?? (container.kind === 'system' ? '/sbin/init' : undefined);
  if (program === undefined || container.raw.some((line) => /^\s*lxc\.(mount|init|rootfs)\b/.test(line)))
    return;
  const above = mounts.findLast(({ target }) => program === target || program.startsWith(`${target}/`));
  if (above !== undefined && above.source === undefined) return;
  const place =
    above?.source === undefined ? undefined : posix.join(above.source, program.slice(above.target.length));
  if (place !== undefined && isRunTimePath(place)) return;
  const found = place === undefined ? context.inner.lookup(program) : context.host.lookup(place);
  if (found?.type === 'file') return;
  context.problems.error(
    container.command.length > 0 ? ['command', 0] : [],
    `${container.name} runs ${program}, which is not in it`,
    context.host.lookup(program)?.type === 'file' ? `add ${program} to its bind` : undefined,
  );
}
