import type { ContainerDefinition } from '../board/container-schema.ts';
import { idOnDevice } from '../lxc-keys/own-ids.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';

/** Device nodes that any user may have: null, zero, full, random, urandom, tty and ptmx (devices.txt of the kernel). */
const HARMLESS_NODES = ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2'];

/** The nodes of a container's /dev that LXC itself brings (lxc_devices in conf.c, and the console). */
const LXC_NODES = /^\/dev\/(?:null|zero|full|random|urandom|tty|console|ptmx)$/;

/** Shown problems of one kind; a tar of another system has thousands of files. */
const MAX_SHOWN = 3;

/**
 * Returns the files of a container's root filesystem as the device has them: with the owners that its ID maps give them,
 * and without device nodes that would be the device's own. Reports owners that no map has, which no one in the container
 * could read, and the nodes that are left out. `inside` returns the path that the container sees.
 */
export function ownedEntries(
  { name, idmap, autodev }: ContainerDefinition,
  entries: readonly RootfsEntry[],
  inside: (path: string) => string,
  problems: ProblemList,
): RootfsEntry[] {
  if (idmap.length === 0) return [...entries];
  const strangers: string[] = [];
  const nodes: string[] = [];
  const owned: RootfsEntry[] = [];
  for (const entry of entries) {
    const path = inside(entry.path);
    if (isForbiddenNode(entry)) {
      if (!(autodev && LXC_NODES.test(path))) nodes.push(path);
      continue;
    }
    for (const kind of ['uid', 'gid'] as const)
      if (!hasMap(idmap, kind, entry[kind])) strangers.push(`${kind} ${entry[kind]} of ${path}`);
    owned.push({
      ...entry,
      uid: idOnDevice(idmap, 'uid', entry.uid),
      gid: idOnDevice(idmap, 'gid', entry.gid),
    });
  }
  if (strangers.length > 0)
    problems.error(
      ['idmap'],
      `${name}: its idmap has no ${shown(strangers)}: the container would see it as owned by 65534`,
      'map more IDs, such as count: 65536, or remove idmap: then lxc-kit gives it a range of that size',
    );
  if (nodes.length > 0)
    problems.warning(
      ['rootfs', 'from'],
      `${name}: ${shown(nodes)} of its root filesystem ${nodes.length === 1 ? 'is a device node' : 'are device nodes'} and left out: its root would own the device`,
      `bind the node of the device: bind: [{ from: ${nodes[0] ?? ''} }]`,
    );
  return owned;
}

function isForbiddenNode(entry: RootfsEntry): boolean {
  if (entry.type === 'block') return true;
  return entry.type === 'char' && !HARMLESS_NODES.includes(`${entry.major}:${entry.minor}`);
}

/** Whether an ID is one of the container, or already one of its IDs on the device; a kind without maps keeps its IDs. */
function hasMap(idmap: ContainerDefinition['idmap'], kind: 'uid' | 'gid', id: number): boolean {
  const own = idmap.filter((map) => map.kind === kind);
  return (
    own.length === 0 ||
    own.some(
      ({ container, host, count }) =>
        (id >= container && id < container + count) || (id >= host && id < host + count),
    )
  );
}

function shown(list: readonly string[]): string {
  const more = list.length - MAX_SHOWN;
  return `${list.slice(0, MAX_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
