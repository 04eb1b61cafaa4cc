import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { CGROUP_ROOT } from '../cgroups/cgroup-contract.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';
import { DEFAULT_INIT } from '../lxc-config/write-groups.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import type { ProblemList, PropertyPath } from '../lxc-keys/problem-list.ts';

/**
 * The result of a word of lxc.mount.auto for cgroups.
 *
 * - `nothing`: no mount; the container's init must do it.
 * - `own-hierarchies`: a tmpfs with a directory for each v1 hierarchy, in which the container sees its own group.
 * - `own-group`: cgroup2, in which the container sees its own group.
 * - `own-group-below`: the same, in a directory of a tmpfs.
 * - `refused`: the start fails.
 */
export type MountResult = 'nothing' | 'own-hierarchies' | 'own-group' | 'own-group-below' | 'refused';

/** The effect of words of lxc.mount.auto for cgroups, in some releases and layouts. */
export interface AutomaticCgroupRow {
  readonly releases: VersionRange;
  readonly layouts: readonly CgroupLayout[];
  /** `forced`: words with `:force`, and all words of a container without CAP_SYS_ADMIN. */
  readonly words: 'any' | 'forced' | 'cgroup2';
  readonly result: MountResult;
  /** The function of LXC that decides it. */
  readonly source: string;
}

const MOUNT = 'src/lxc/cgroups/cgfsng.c, cgfsng_mount()';

/*
 * The first matching row applies. The table is for Linux 4.6 and later, which has cgroup namespaces; LXC 1 does not know
 * them and treats every word as its manual page says. Read in the source at the tags of the releases.
 */
export const automaticCgroupRows: readonly AutomaticCgroupRow[] = [
  {
    releases: { since: '2.0.0' },
    layouts: ['v1-single'],
    words: 'any',
    result: 'nothing',
    source: `${MOUNT}: returns at once without hierarchies; before 3.0 cgfs.c, cgroupfs_mount_cgroup()`,
  },
  {
    releases: { since: '4.0.12' },
    layouts: ['v1'],
    words: 'cgroup2',
    result: 'refused',
    source: `${MOUNT}: "No unified cgroup hierarchy mounted on the host"`,
  },
  ...([{ since: '2.0.10', until: '2.0.11' }, { since: '3.0.0' }] as const).map((releases) => ({
    releases,
    layouts: ['v1' as const],
    words: 'forced' as const,
    result: 'own-hierarchies' as const,
    source: `${MOUNT}, __cg_mount_direct(), later __cgroupfs_mount()`,
  })),
  {
    releases: { since: '2.0.0' },
    layouts: ['v1'],
    words: 'any',
    result: 'nothing',
    source: `${MOUNT}: returns if the kernel has cgroup namespaces; in 2.0 and 2.1 also cgfs.c`,
  },
  {
    releases: { since: '4.0.3' },
    layouts: ['v2'],
    words: 'any',
    result: 'own-group',
    source: `${MOUNT}: on a system with only v2, every word is forced`,
  },
  {
    releases: { since: '4.0.0', until: '4.0.2' },
    layouts: ['v2'],
    words: 'forced',
    result: 'own-group',
    source: `${MOUNT}, CGROUP_LAYOUT_UNIFIED`,
  },
  {
    releases: { since: '3.0.0', until: '3.2.1' },
    layouts: ['v2'],
    words: 'forced',
    result: 'own-group-below',
    source: `${MOUNT}: a directory named like the last part of the hierarchy's mount point`,
  },
  {
    releases: { since: '3.0.0', until: '4.0.2' },
    layouts: ['v2'],
    words: 'any',
    result: 'nothing',
    source: `${MOUNT}: returns if the kernel has cgroup namespaces`,
  },
];

/** The releases that know words with `:force` (confile.c). */
const FORCE: readonly VersionRange[] = [{ since: '2.0.10', until: '2.0.11' }, { since: '3.0.0' }];

interface AutomaticCgroupContext {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  readonly problems: ProblemList;
}

/** Warns about cgroup words in `auto` whose effect differs from their meaning. */
export function checkAutomaticCgroups(
  container: ContainerDefinition,
  { lxcVersion, cgroup, problems }: AutomaticCgroupContext,
): void {
  if (choosesNamespace(container)) return;
  const lacksAdmin = withoutSysAdmin(container);
  for (const { word, path } of wordsOf(container)) {
    const [kind = '', ...options] = word.split(':');
    if (!/^cgroup(?:-full|2)?$/.test(kind)) continue;
    const forced = lacksAdmin || options.includes('force') || kind === 'cgroup2';
    const row = automaticCgroupRows.find(
      ({ releases, layouts, words }) =>
        inVersionRange(lxcVersion, releases) &&
        layouts.includes(cgroup) &&
        (words === 'any' || (words === 'forced' ? forced : kind === 'cgroup2')),
    );
    if (row === undefined) continue;
    const found = describeResult(row.result, {
      word,
      container,
      kind,
      options,
      cgroup,
      canForce: FORCE.some((range) => inVersionRange(lxcVersion, range)),
    });
    if (found === undefined) continue;
    problems.warning(
      path,
      `${container.name}: with ${word} LXC ${lxcVersion} ${found.does} on cgroup ${cgroup} (${row.source})`,
      found.help,
    );
  }
}

interface WordContext {
  readonly word: string;
  readonly container: ContainerDefinition;
  readonly kind: string;
  readonly options: readonly string[];
  readonly cgroup: CgroupLayout;
  readonly canForce: boolean;
}

/** Returns undefined if the word does what it says. */
function describeResult(
  result: MountResult,
  context: WordContext,
): { readonly does: string; readonly help: string } | undefined {
  const { container, kind, options } = context;
  switch (result) {
    case 'nothing':
      return {
        does: `mounts nothing, and ${CGROUP_ROOT} stays an empty directory in the container`,
        help: helpForNothing(context),
      };
    case 'own-hierarchies':
      return kind === 'cgroup-full' ? OWN_GROUP_ONLY : undefined;
    case 'own-group-below':
      return {
        does: `mounts a tmpfs, and cgroup2 at ${CGROUP_ROOT}/cgroup below it`,
        help: `mount cgroup2 in the container's init: mount -t cgroup2 cgroup2 ${CGROUP_ROOT}`,
      };
    case 'refused':
      return {
        does: 'starts the container only if a script on the device has mounted cgroup2 beside the hierarchies of v1',
        help: 'write cgroup:rw:force',
      };
    case 'own-group':
      if (kind === 'cgroup-full') return OWN_GROUP_ONLY;
      if (options.includes('ro') || movesItself(container)) return undefined;
      return {
        does: "mounts the container's own group, and the kernel refuses child limits there with EBUSY while that group contains a process, such as the first one",
        help:
          `its init must move every process before it writes cgroup.subtree_control, as systemd does: mkdir ${CGROUP_ROOT}/init; ` +
          `for pid in $(cat ${CGROUP_ROOT}/cgroup.procs); do echo $pid > ${CGROUP_ROOT}/init/cgroup.procs; done`,
      };
  }
}

const OWN_GROUP_ONLY = {
  does: "mounts only the container's own group, not the whole hierarchy of the device",
  help: `to show the device's groups, bind them: bind: [{ from: ${CGROUP_ROOT}, to: /run/cgroup }]`,
};

function helpForNothing({ word, cgroup, kind, canForce }: WordContext): string {
  if (cgroup === 'v1-single')
    return `bind the device's hierarchy if the container may see all of it: bind: [{ from: ${CGROUP_ROOT} }]`;
  if (canForce && kind === 'cgroup') {
    return `write ${word}:force`;
  }
  const mount =
    cgroup === 'v2'
      ? `mount -t cgroup2 cgroup2 ${CGROUP_ROOT}`
      : `mount -t tmpfs cgroup ${CGROUP_ROOT}; mkdir ${CGROUP_ROOT}/memory; mount -t cgroup -o memory cgroup ${CGROUP_ROOT}/memory`;
  return `mount it in the container's init: ${mount}`;
}

/** Whether the container's first process runs lxc-kit's own rcS, which moves all processes to a separate group. */
function movesItself({ rootfs, command, kind }: ContainerDefinition): boolean {
  const [program] = command;
  const runsInit = program === undefined ? kind === 'system' : program === DEFAULT_INIT;
  return rootfs.from === 'busybox' && runsInit;
}

function withoutSysAdmin({ capabilities, raw }: ContainerDefinition): boolean {
  const rawWords = (key: string): string[] =>
    settingsOf(raw).flatMap((one) => (one.key === key ? one.value.split(/\s+/) : []));
  const drop: readonly string[] = [...(capabilities?.drop ?? []), ...rawWords('lxc.cap.drop')];
  const keep: readonly string[] = [...(capabilities?.keep ?? []), ...rawWords('lxc.cap.keep')];
  return drop.includes('sys_admin') || (keep.length > 0 && !keep.includes('sys_admin'));
}

/** Whether raw lines choose namespaces: the table does not apply to a container without its own cgroup namespace. */
function choosesNamespace({ raw }: ContainerDefinition): boolean {
  return settingsOf(raw).some(({ key }) => key.startsWith('lxc.namespace.'));
}

/** Returns the words of `auto` and of raw lines. */
function wordsOf({
  auto,
  raw,
}: ContainerDefinition): { readonly word: string; readonly path: PropertyPath }[] {
  return [
    ...auto.map((word, index) => ({ word, path: ['auto', index] })),
    ...raw.flatMap((text, index) =>
      settingsOf([text])
        .filter(({ key }) => key === 'lxc.mount.auto')
        .flatMap(({ value }) => value.split(/\s+/).map((word) => ({ word, path: ['raw', index] }))),
    ),
  ];
}

function settingsOf(raw: readonly string[]): { readonly key: string; readonly value: string }[] {
  return raw.flatMap((text) => {
    const line = parseConfigLine(text);
    return line.kind === 'setting' ? [line] : [];
  });
}
