import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';
import { directoryOf, mountTarget } from './mount-target.ts';
import { hostRootfsOf } from './host-rootfs.ts';
import { parseMountEntry } from './parse-mount-entry.ts';
import { planMounts, type PlannedMount } from './mount-plan.ts';
import { ProblemList } from './problem-list.ts';

type SeenMount = Pick<PlannedMount, 'target' | 'source' | 'fsType' | 'options'>;

const MOUNT_LINE = /^\s*lxc\.(mount\.\w+|mount|rootfs[\w.]*|include)\s*=\s*(.*)$/;

/** Lines that mount nothing, or what is empty of programs. */
const HARMLESS_KEYS = ['mount.auto', 'rootfs.options', 'rootfs.managed'];

/** LXC's own files include each other twice at most. */
const MAX_INCLUDES = 20;

/** The texts that an `lxc.include` names: a file, or all of a folder that end in .conf; undefined when there is none. */
export type ReadIncluded = (path: string) => readonly string[] | undefined;

/**
 * The mounts of a container in the order in which LXC makes them: those of the files that it includes, its own, and those
 * of its raw lines. Undefined where they cannot be known: a file system table, another root filesystem, a file that is
 * not in the image.
 */
export function seenMounts(
  container: ContainerDefinition,
  manifest: RootfsManifest,
  readIncluded: ReadIncluded,
): SeenMount[] | undefined {
  const host = hostRootfsOf(manifest.entries);
  // What is wrong with them is found where the configuration is written.
  const own = planMounts(container, { host, inner: hostRootfsOf([]), problems: new ProblemList() });
  const includes = container.include.map((path) => `lxc.include = ${path}`);
  const included = mountsOfLines(includes, container, readIncluded, MAX_INCLUDES);
  const raw = mountsOfLines(container.raw, container, readIncluded, MAX_INCLUDES);
  return included === undefined || raw === undefined ? undefined : [...included, ...own, ...raw];
}

function mountsOfLines(
  lines: readonly string[],
  container: ContainerDefinition,
  readIncluded: ReadIncluded,
  includesLeft: number,
): SeenMount[] | undefined {
  const mounts: SeenMount[] = [];
  for (const line of lines) {
    const [, key, value = ''] = MOUNT_LINE.exec(line) ?? [];
    if (key === undefined || HARMLESS_KEYS.includes(key)) continue;
    const found =
      key === 'include'
        ? includesLeft > 0 &&
          readIncluded(value.trim())?.map((text) =>
            mountsOfLines(text.split('\n'), container, readIncluded, includesLeft - 1),
          )
        : key === 'mount.entry' && [[mountOfEntry(value, container)]];
    if (found === undefined || found === false) return undefined;
    for (const mount of found.flatMap((some) => some ?? [undefined])) {
      if (mount === undefined) return undefined;
      mounts.push(mount);
    }
  }
  return mounts;
}

/** A line of fstab(5); undefined when it does not lie in the root filesystem. */
function mountOfEntry(value: string, { name, rootfs }: ContainerDefinition): SeenMount | undefined {
  const entry = parseMountEntry(value);
  if (entry === undefined) return undefined;
  const { source, target, fsType, options, isBind } = entry;
  const { inside, place } = mountTarget(target, { rootfs: directoryOf(rootfs.path), name });
  if (place !== 'inside') return undefined;
  return { target: inside, source: isBind ? source : undefined, fsType, options };
}
