import { expect, test } from 'vitest';
import { describeRange } from '../../../toolkit/base/compare-versions.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { automaticCgroupRows, type MountResult } from '../../../toolkit/containers/automatic-cgroups.ts';
import { CGROUP_ROOT, cgroupContracts } from '../../../toolkit/cgroups/cgroup-contract.ts';
import {
  kernelFloors,
  lxcSeries,
  type KernelFloor,
  type KernelUse,
  type LayoutFit,
  type LxcSeries,
} from '../../../toolkit/cgroups/lxc-compatibility.ts';
import { seriesOf } from '../../../toolkit/cgroups/version-conflicts.ts';
import { compiledCells, LAYOUTS, prebuiltCells } from '../../rigs/matrix-cells.ts';

/** Who needs a row, in the words of a profile. */
const USES: Readonly<Record<KernelUse, string>> = {
  always: 'every container',
  autodev: '`autodev` (the default)',
  devices: '`devices`',
  memory: '`limits.memory`',
  pids: '`limits.pids`',
  cpu: '`limits.cpu-shares`, `limits.cpu-quota`',
  cpuset: '`limits.cpus`',
  'idmapped-rootfs': '`raw: ["lxc.rootfs.options = idmap=…"]`',
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function releases({ since, until }: LxcSeries): string {
  return since === until ? since : `${since} – ${until}`;
}

function cell({ fits, devices }: LayoutFit): string {
  if (fits === 'no') return 'no';
  if (fits === 'without-settings') return 'only without limits and devices';
  return devices === 'enforced' ? 'yes' : 'yes, without devices';
}

function seriesTable(): string {
  return table(
    ['LXC', ...LAYOUTS.map((layout) => `\`cgroup: ${layout}\``), 'oldest kernel', 'booted here'],
    lxcSeries.map((row) => [
      releases(row),
      ...LAYOUTS.map((layout) => cell(row.layouts[layout])),
      oldestKernel(row),
      bootedOf(row),
    ]),
  );
}

/** The releases of a series that tests boot: with their layouts, for each kernel. */
function bootedOf(row: LxcSeries): string {
  const groups = new Map<string, Set<string>>();
  for (const { lxc, kernel, layout } of [...prebuiltCells, ...compiledCells]) {
    if (seriesOf(lxc) !== row) continue;
    const key = `${lxc} on Linux ${kernel}`;
    groups.set(key, (groups.get(key) ?? new Set()).add(layout));
  }
  return [...groups].map(([key, layouts]) => `${key}: ${[...layouts].join(', ')}`).join('; ') || '–';
}

function oldestKernel({ since, supported }: LxcSeries): string {
  const needs = (use: KernelUse): string | undefined =>
    kernelFloors.findLast(
      (floor) => floor.use === use && floor.layout === undefined && isNeeded(floor, since),
    )?.kernel;
  const always = needs('always') ?? '?';
  const autodev = needs('autodev');
  return [
    always,
    ...(autodev === undefined ? [] : [`${autodev} with autodev`]),
    ...(supported === undefined ? [] : [`its developers ask for ${supported.kernel}`]),
  ].join('; ');
}

function isNeeded({ needed }: KernelFloor, lxc: string): boolean {
  if (needed === undefined) return true;
  if (needed === 'never') return false;
  return Number(lxc.split('.')[0]) >= Number(needed.since?.split('.')[0] ?? 0);
}

/** Each reason once, with the series that it is for. */
function reasonsTable(): string {
  const rows = LAYOUTS.flatMap((layout) => {
    const reasons = new Map<string, LxcSeries[]>();
    for (const row of lxcSeries) {
      const { reason, source } = row.layouts[layout];
      const key = `${reason} | ${source}`;
      reasons.set(key, [...(reasons.get(key) ?? []), row]);
    }
    return [...reasons].map(([reason, series]) => [layout, series.map(releases).join(', '), reason]);
  });
  return table(['layout', 'LXC', 'why', 'source'], rows);
}

function floorTable(): string {
  return table(
    [
      'Linux',
      'brought',
      'needed by',
      'LXC that cannot do without',
      'LXC that uses it when it is there',
      'without it',
      'source',
    ],
    kernelFloors.map(({ kernel, feature, use, layout, needed, optional, without, source }) => [
      kernel,
      feature,
      `${USES[use]}${layout === undefined ? '' : ` on ${layout}`}`,
      needed === undefined ? 'all' : needed === 'never' ? 'none' : describeRange(needed),
      optional === undefined ? '–' : describeRange(optional),
      without,
      source,
    ]),
  );
}

function contractTable(): string {
  return table(
    ['layout', 'mounted', 'controllers', 'must hold 1'],
    LAYOUTS.map((layout) => {
      const { mounts, eachController, handsDown, switches } = cgroupContracts[layout];
      const lines = mounts.map(({ type, at, options }) => `\`${type}\` at \`${at}\` (${options.join(',')})`);
      const each =
        eachController === undefined
          ? []
          : [
              `\`${eachController.type}\` at \`${CGROUP_ROOT}/CONTROLLER\` (${eachController.options.join(',')},CONTROLLER)`,
            ];
      return [
        `\`${layout}\``,
        [...lines, ...each].join('; '),
        eachController !== undefined
          ? 'each that /proc/cgroups has switched on, in a directory of its name'
          : handsDown
            ? 'all of `cgroup.controllers`, written into `cgroup.subtree_control`'
            : 'all in the one hierarchy',
        switches.map(({ controller, file }) => `\`${file}\` where ${controller} is`).join('; ') || '–',
      ];
    }),
  );
}

const RESULTS: Readonly<Record<MountResult, string>> = {
  nothing: `nothing: \`${CGROUP_ROOT}\` stays an empty directory`,
  'own-hierarchies': 'a tmpfs with a directory for each hierarchy, in which the container sees its own group',
  'own-group': 'cgroup2, in which the container sees its own group; only \`:ro\` makes it read-only',
  'own-group-below': `a tmpfs, and the same at \`${CGROUP_ROOT}/cgroup\``,
  refused: 'no start, unless a script has mounted cgroup2 as well',
};

const WORDS = {
  any: 'any',
  forced: 'with `:force`, or without CAP_SYS_ADMIN',
  cgroup2: '`cgroup2`',
} as const;

function automaticTable(): string {
  return table(
    ['layout', 'LXC', 'word', 'mounted in the container', 'source'],
    automaticCgroupRows.map(({ layouts, releases, words, result, source }) => [
      layouts.join(', '),
      describeRange(releases),
      WORDS[words],
      RESULTS[result],
      source,
    ]),
  );
}

function page(): string {
  return `# LXC, kernel and cgroup layout

The combinations that work, as read in LXC's source at the tags of all releases, and booted where it says so:
[lxc-boot-matrix.md](lxc-boot-matrix.md) has those boots. The page is made from \`toolkit/cgroups/lxc-compatibility.ts\` and
\`cgroup-contract.ts\` beside it by \`npm run compatibility\`; a test compares them.

## What works with what

${seriesTable()}

"yes" includes device rules, which the kernel enforces. The reasons:

${reasonsTable()}

## What the kernel must have

${floorTable()}

## When it is checked

\`lxc-kit plan\` and \`lxc-kit build\` refuse a profile that cannot work with exit code 2, before anything is fetched. They
take the version of the first source: from \`version\`, from a name such as \`linux-4.9.tar.xz\`, from the \`Makefile\` of a tree,
also of one that \`--source\` gives. A version that only the source itself shows (a Debian package, a vendor's tarball) is checked by
the step \`check-versions\`, as soon as LXC and the kernel are there and before anything is configured or compiled.

\`\`\`console
$ npx lxc-kit plan --board my-board
boards/my-board.yaml:19:7 LXC 7.0 needs Linux 5.6; this board has 4.9.337: the newest that fits is 6.0
…
  help: take LXC 6.0, or a kernel from 5.6 on (its developers ask for 6.12)
\`\`\`

A combination that upstream does not support, or that works in part, is a warning of that step.

## What rcS mounts

${contractTable()}

\`/etc/init.d/rcS\` is rendered from this. The mounts are right for every LXC that works on the layout: from 3.0 on LXC looks
for a directory that is called like the controllers of a hierarchy in \`/proc/self/cgroup\`, older ones take any mount. No named
hierarchy (\`name=systemd\`) is needed.

A named hierarchy that a script mounts below \`/sys/fs/cgroup\` on a v2 board does harm: LXC 4.0.12 and later then set no limit
and no device rule. The build looks for such mounts in /etc/fstab, /etc/inittab, /etc/rc* and /etc/init.d and warns with file and line.

## Cgroups inside a container

LXC mounts this at \`/sys/fs/cgroup\` of a container for a word of \`auto\` (lxc.mount.auto) such as \`cgroup:rw\`, on Linux 4.6 and
later. The first matching row counts. LXC 1 follows its manual page. The build warns where the mount differs from the meaning of the word.

${automaticTable()}

\`cgroup-full\` shows no more than \`cgroup\` where it mounts anything. On v2 the kernel refuses limits for child groups (EBUSY) while a
process is in the container's own group. The rcS of containers with \`rootfs: { from: busybox }\` moves all of them into the child
\`init\` and hands every controller down; systemd does that itself; another init has to.

## What a boot checks

\`lxc-kit boot --run …\` compares the guest with it before the first command, from \`/proc/self/mountinfo\`, \`/proc/self/cgroup\`,
\`/proc/cgroups\` and the files above. It prints nothing of this to stdout. A difference that keeps a declared container from working
makes the boot fail with exit code 5, each as a line "expected …; found …"; the commands still run, so that you can look into it.
A difference that affects no declared container is a warning, such as a missing controller that none uses. Options such as
\`noexec\` are not compared.

Then it waits for every container that starts at boot, and compares each with its configuration as it lies in the guest:

| | compared with |
| --- | --- |
| state | \`lxc-info\`; one that does not run is started once more, and its exit code, LXC's lines and its own are shown |
| limits | the files of its group, and of those above it |
| device rules | nodes that a member of its group makes and opens; those of the board are made only |
| \`mounts\`, \`bind\`, \`auto\` for /proc and /sys | \`/proc/PID/mountinfo\` |
| \`capabilities\` | \`CapBnd\` in \`/proc/PID/status\` |
| \`network\` | names and addresses in \`/proc/PID/net\` |

\`cgroup_disable=\` and \`cgroup_no_v1=\` on the kernel's command line are named as the cause where a controller is missing. The build
refuses them in CONFIG_CMDLINE when a container has a limit that they take away.

An overlay may replace rcS by a script of your own. It may mount more, or in another way, as long as LXC finds it: two
controllers in one hierarchy at \`${CGROUP_ROOT}/cpu,cpuacct\` are fine. A board without containers is not checked.
`;
}

test('docs/lxc-compatibility.md is what the tables say (npm run compatibility writes it)', async () => {
  await expect(page()).toMatchFileSnapshot(shippedPath('docs', 'lxc-compatibility.md'));
});

test('no cell of a table holds what would end it', () => {
  for (const { layouts } of lxcSeries) {
    for (const { reason, source } of Object.values(layouts))
      expect(`${reason}${source}`).not.toMatch(/[|\n]/);
  }
  for (const { feature, without, source } of kernelFloors)
    expect(`${feature}${without}${source}`).not.toMatch(/[|\n]/);
});
