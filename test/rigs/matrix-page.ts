import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { layoutFit, seriesOf } from '../../toolkit/cgroups/version-conflicts.ts';
import type { CellResult } from './matrix-cell.ts';
import { pointChecks } from './matrix-cell.ts';
import { cellName, explain, LAYOUTS, matrixReleases, type MatrixCell } from './matrix-cells.ts';

const RESULTS = shippedPath('out', 'test', 'matrix-results');

const fileOf = (cell: MatrixCell): string =>
  join(RESULTS, `${cellName(cell).replaceAll(/[ ,]+/g, '-')}.json`);

/** Keeps what a cell gave, so that a page can be made of cells that were booted one by one. */
export async function keepResult(cell: MatrixCell, result: CellResult): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(fileOf(cell), JSON.stringify(result, undefined, 2));
}

/** Results of the last boot of each cell. Throws for a cell that was never booted. */
export async function readResults(cells: readonly MatrixCell[]): Promise<Map<MatrixCell, CellResult>> {
  const results = await Promise.all(
    cells.map(async (cell) => JSON.parse(await readFile(fileOf(cell), 'utf8')) as CellResult),
  );
  return new Map(cells.map((cell, index) => [cell, results[index]!]));
}

const line = (fields: readonly string[]): string => `| ${fields.join(' | ')} |`;

/** The line of a cell: how many checks of each point passed, and of how many where some did not. */
export function rowOf(cell: MatrixCell, { points }: CellResult): string {
  return line([
    `${cell.lxc}${cell.prebuilt ? " (Debian's)" : ''}`,
    cell.kernel,
    cell.layout,
    ...points.map(({ passed, failed }) =>
      failed.length === 0
        ? `${passed.length}`
        : `${passed.length} of ${passed.length + failed.length}: see below`,
    ),
  ]);
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [line(head), line(head.map(() => '---')), ...rows].join('\n');
}

function failures(results: ReadonlyMap<MatrixCell, CellResult>): string[] {
  return [...results].flatMap(([cell, { points }]) =>
    points.flatMap(({ point, failed }) =>
      failed.map(({ check }) => {
        const why = explain(cell, point, check)?.reason ?? 'not explained';
        return line([cell.lxc, cell.layout, point, check, why]);
      }),
    ),
  );
}

/** The layouts that a release does not work with, and why. */
function leftOut(): string[] {
  const rows = new Map<string, string[]>();
  for (const { version } of matrixReleases) {
    for (const layout of LAYOUTS) {
      const { fits, reason, source } = layoutFit(version, layout);
      if (fits === 'yes') continue;
      const key = `${layout} | ${reason} (${source})`;
      rows.set(key, [...(rows.get(key) ?? []), seriesOf(version).name]);
    }
  }
  return [...rows].map(([key, series]) => line([[...new Set(series)].join(', '), key]));
}

function sizes(results: ReadonlyMap<MatrixCell, CellResult>): string[] {
  const bySize = new Map([...results].map(([{ lxc, prebuilt }, { size }]) => [prebuilt ? '' : lxc, size]));
  return [...bySize]
    .filter(([lxc]) => lxc !== '')
    .map(([lxc, size]) => line([lxc, (size / 1000).toFixed(0)]));
}

/** Writes docs/lxc-boot-matrix.md. */
export async function writePage(path: string, results: ReadonlyMap<MatrixCell, CellResult>): Promise<void> {
  await writeFile(
    path,
    `# LXC in QEMU: ten points, every series, every cgroup layout

Written by \`LXC_KIT_LXC_SOURCES=DIR npm run matrix\`, where DIR has the tarballs \`lxc-VERSION.tar.gz\`. One board
(\`test/matrix\`) is built with each LXC and booted in QEMU; scripts on the board
(\`test/matrix/overlay/root/points\`) go through ten points:

1. \`lxc-checkconfig\`: everything that the containers need is enabled
2. cgroup: mounted, a group can be made in every hierarchy and does not spoil a later start
3. PID namespace: the shell of \`unshare\` is process 1
4. Application container: \`lxc-start … hostname\`; \`lxc-execute\` with a /proc of its own
5. System container: its rcS, \`lxc-ls\`, \`lxc-info\`, \`lxc-attach\`, \`lxc-console\`, \`lxc-freeze\`, \`lxc-stop\`, restart
6. A container made on the device: \`lxc-create -t busybox\`, start, stop, \`lxc-destroy\`
7. Network: empty, veth, macvlan, vlan, phys; who reaches whom; a web server behind a forwarded port
8. Limits: memory, pids, cpu shares, devices, capabilities
9. Start at boot in order, a container that is killed, the stop at shutdown
10. A read-only root with a writable overlay

A number says how many checks of the point passed; all of them, unless it says "of".

${table(
  ['LXC', 'Linux', 'cgroup', ...Object.keys(pointChecks)],
  [...results].map(([cell, result]) => rowOf(cell, result)),
)}

## What does not pass

${table(['LXC', 'cgroup', 'point', 'check', 'because of LXC itself'], failures(results))}

## What LXC does not do

On these layouts a profile is refused, or containers start without settings only; the table of all releases and kernels is
[lxc-compatibility.md](lxc-compatibility.md).

${table(['LXC', 'cgroup', 'why'], leftOut())}

## LXC's part of the root file system

Files of LXC and libcap, stripped, without \`init.lxc.static\`; [lxc-versions.md](lxc-versions.md) says which part is which.

${table(['LXC', 'kB'], sizes(results))}
`,
  );
}
