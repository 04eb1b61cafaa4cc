import { inVersionRange, type VersionRange } from '../../toolkit/base/compare-versions.ts';
import type { CgroupLayout } from '../../toolkit/cgroups/layouts.ts';
import { layoutFit } from '../../toolkit/cgroups/version-conflicts.ts';

/**
 * The releases of LXC that the tests compile and boot, and the most bytes that the files of each may take in the root
 * filesystem: what docs/lxc-versions.md says was measured and a twentieth on top, and never more than 1 MB (1 048 576). init.lxc.static is not counted, because
 * most of it is the C library.
 */
export const matrixReleases: readonly { readonly version: string; readonly limit: number }[] = [
  { version: '1.1.5', limit: 650_000 },
  { version: '2.0.8', limit: 780_000 },
  { version: '2.1.1', limit: 900_000 },
  { version: '3.0.3', limit: 970_000 },
  { version: '3.2.1', limit: 920_000 },
  { version: '4.0.12', limit: 1_048_576 },
  { version: '5.0.2', limit: 900_000 },
  { version: '5.0.3', limit: 900_000 },
  { version: '6.0.6', limit: 930_000 },
  { version: '7.0.0', limit: 920_000 },
];

/** Series whose only release is built from a tag of the repository in no test. */
export const seriesNotBooted = ['1.0', '3.1'];

/** The release that Debian 12 has prebuilt for mipsel. */
const DEBIAN_RELEASE = '5.0.2';

/** A release of LXC, a kernel and a cgroup layout that are booted together. */
export interface MatrixCell {
  readonly lxc: string;
  /** Debian's prebuilt packages; else LXC is compiled from a tarball of its source. */
  readonly prebuilt: boolean;
  /** Series of the kernel. */
  readonly kernel: '6.1' | '6.12';
  readonly layout: CgroupLayout;
  /** The profile in test/matrix, without its suffix. */
  readonly board: string;
}

export const LAYOUTS: readonly CgroupLayout[] = ['v2', 'v1', 'v1-single'];

/** The layouts that a release works with, and the board that it is booted on. */
function boardsOf(lxc: string): Pick<MatrixCell, 'layout' | 'board'>[] {
  return LAYOUTS.flatMap((layout) => {
    const { fits, devices } = layoutFit(lxc, layout);
    if (fits !== 'yes') return [];
    return [{ layout, board: devices === 'enforced' ? layout : `${layout}-without-devices` }];
  });
}

/** The cells that need no source of LXC. */
export const prebuiltCells: readonly MatrixCell[] = boardsOf(DEBIAN_RELEASE).map((board) => ({
  lxc: DEBIAN_RELEASE,
  prebuilt: true,
  kernel: '6.1',
  ...board,
}));

/** The cells whose LXC is compiled, each release on 6.1; and on 6.12 the one whose developers ask for that. */
export const compiledCells: readonly MatrixCell[] = [
  ...matrixReleases.flatMap(({ version: lxc }) =>
    boardsOf(lxc).map((board) => ({ lxc, prebuilt: false, kernel: '6.1' as const, ...board })),
  ),
  { lxc: '7.0.0', prebuilt: false, kernel: '6.12', layout: 'v2', board: 'v2-linux-6.12' },
];

export const cellName = ({ lxc, prebuilt, kernel, layout }: MatrixCell): string =>
  `LXC ${lxc}${prebuilt ? ' of Debian' : ''}, Linux ${kernel}, cgroup ${layout}`;

/** A check that fails because of LXC itself. */
export interface Explanation {
  readonly releases: VersionRange;
  /** On any layout if absent. */
  readonly layout?: CgroupLayout;
  readonly point: string;
  readonly check: string;
  /** The behaviour of LXC, and where its source shows it. */
  readonly reason: string;
}

const NO_FREEZER =
  '`lxc-freeze` writes freezer.state, a file of cgroup v1, whatever is mounted; 4.0 knows cgroup.freeze (src/lxc/freezer.c, do_freeze_thaw())';

const explanations: readonly Explanation[] = [
  ...['lxc-freeze', 'is frozen', 'lxc-unfreeze', 'runs again'].map((check) => ({
    releases: { since: '3.0.0', until: '3.2.1' },
    layout: 'v2' as const,
    point: '5',
    check,
    reason: NO_FREEZER,
  })),
  {
    releases: { since: '3.0.0', until: '3.2.1' },
    layout: 'v2',
    point: '8',
    check: 'devices: one that is not allowed',
    reason:
      'it has no device rules on cgroup v2, so the board has none either; 4.0 loads a program for them (src/lxc/cgroups/cgroup2_devices.c there)',
  },
  {
    releases: { since: '7.0.0' },
    layout: 'v2',
    point: '1',
    check: 'Cgroup device',
    reason:
      '`lxc-checkconfig` asks for the device controller of cgroup v1, which a kernel with v2 alone is built without: device rules are an eBPF program there, and point 8 shows that they hold (src/lxc/cmd/lxc-checkconfig.in)',
  },
  {
    releases: { since: '3.0.0', until: '4.0.12' },
    layout: 'v2',
    point: '1',
    check: 'nothing required is missing',
    reason:
      'where no hierarchy of v1 is mounted `lxc-checkconfig` asks for CONFIG_CGROUP_NS, which went with Linux 3.0 (src/lxc/cmd/lxc-checkconfig.in)',
  },
  {
    releases: { since: '1.0.0', until: '1.1.5' },
    point: '7',
    check: 'a real interface comes back',
    reason:
      'it is moved back under the name that it has in the container, eth0, which the device has too; the kernel refuses, and 2.0 renames it on the way (src/lxc/conf.c, restore_phys_nics_to_netns())',
  },
];

/** Why a check of a cell fails; undefined if it has to pass. */
export function explain(cell: MatrixCell, point: string, check: string): Explanation | undefined {
  return explanations.find(
    (one) =>
      one.point === point &&
      one.check === check &&
      (one.layout === undefined || one.layout === cell.layout) &&
      inVersionRange(cell.lxc, one.releases),
  );
}
