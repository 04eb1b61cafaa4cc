import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';
import { FSTAB_KEYS } from './check-named-files.ts';
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
 * of its table and of its raw lines. Undefined where they cannot be known: another root filesystem, a file that is
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
  const tables: string[] = [];
  const source: MountSource = { container, readIncluded, tables };
  const included = mountsOfLines(includes, source, MAX_INCLUDES);
  const raw = mountsOfLines(container.raw, source, MAX_INCLUDES);
  const tabled = mountsOfTable(tables.at(-1), source);
  if (included === undefined || raw === undefined || tabled === undefined) return undefined;
  // The table comes before the entries: lxc_setup() in conf.c.
  return [...tabled, ...included, ...own, ...raw];
}

interface MountSource {
  readonly container: ContainerDefinition;
  readonly readIncluded: ReadIncluded;
  /** The tables of mounts that lines name; the last one is read. */
  readonly tables: string[];
}

function mountsOfTable(
  table: string | undefined,
  { container, readIncluded }: MountSource,
): SeenMount[] | undefined {
  if (table === undefined || table === '') return [];
  const lines = readIncluded(table)?.flatMap((text) => text.split('\n'));
  const mounts = lines
    ?.filter((line) => !/^\s*(?:#|$)/.test(line))
    .map((line) => mountOfEntry(line, container));
  return mounts?.every((mount) => mount !== undefined) === true ? mounts : undefined;
}

function mountsOfLines(
  lines: readonly string[],
  source: MountSource,
  includesLeft: number,
): SeenMount[] | undefined {
  const { container, readIncluded, tables } = source;
  const mounts: SeenMount[] = [];
  for (const line of lines) {
    const [, key, value = ''] = MOUNT_LINE.exec(line) ?? [];
    if (key === undefined || HARMLESS_KEYS.includes(key)) continue;
    if (FSTAB_KEYS.includes(`lxc.${key}`)) {
      tables.push(value.trim());
      continue;
    }
    const found =
      key === 'include'
        ? includesLeft > 0 &&
          readIncluded(value.trim())?.map((text) => mountsOfLines(text.split('\n'), source, includesLeft - 1))
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
