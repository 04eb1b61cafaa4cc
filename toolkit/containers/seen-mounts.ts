import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';
import { FSTAB_KEYS } from './check-named-files.ts';
import { directoryOf, mountTarget } from '../lxc-keys/mount-target.ts';
import { hostRootfsOf } from './host-rootfs.ts';
import { parseMountEntry } from '../lxc-keys/parse-mount-entry.ts';
import { planMounts } from './mount-plan.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import { ProblemList } from '../lxc-keys/problem-list.ts';

type SeenMount = Pick<PlannedMount, 'target' | 'source' | 'fsType' | 'options'>;

const MOUNT_LINE = /^\s*lxc\.(mount\.\w+|mount|rootfs[\w.]*|include)\s*=\s*(.*)$/;

/** Keys of lines that mount nothing, or nothing with programs. */
const HARMLESS_KEYS = ['mount.auto', 'rootfs.options', 'rootfs.managed'];

/** LXC's own files include each other twice at most. */
const MAX_INCLUDES = 20;

/** Returns the texts of an `lxc.include`: a file, or all .conf files of a folder; undefined when there are none. */
export type ReadIncluded = (path: string) => readonly string[] | undefined;

/**
 * Returns the mounts of a container in the order in which LXC makes them: those of included files, its own, and those of
 * its mount table and raw lines. Undefined if unknown, because of another root filesystem or a file that is not in the
 * image.
 */
export function seenMounts(
  container: ContainerDefinition,
  manifest: RootfsManifest,
  readIncluded: ReadIncluded,
): SeenMount[] | undefined {
  const host = hostRootfsOf(manifest.entries);
  // Their problems are reported when the configuration is written.
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
  /** The mount tables that lines name; LXC reads the last one. */
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

/** Parses a line of fstab(5); undefined when its target is outside the root filesystem. */
function mountOfEntry(value: string, { name, rootfs }: ContainerDefinition): SeenMount | undefined {
  const entry = parseMountEntry(value);
  if (entry === undefined) return undefined;
  const { source, target, fsType, options, isBind } = entry;
  const { inside, place } = mountTarget(target, { rootfs: directoryOf(rootfs.path), name });
  if (place !== 'inside') return undefined;
  return { target: inside, source: isBind ? source : undefined, fsType, options };
}
