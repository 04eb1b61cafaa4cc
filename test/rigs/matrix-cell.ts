import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { walkTree } from '../../toolkit/host/walk-tree.ts';
import { explain, type MatrixCell } from './matrix-cells.ts';
import { RealBoard } from './real-board.ts';

/** The least number of checks of each point; test/matrix has the points and the containers. */
export const pointChecks: Readonly<Record<string, number>> = {
  1: 14,
  2: 5,
  3: 2,
  4: 5,
  5: 14,
  6: 8,
  7: 13,
  8: 10,
  9: 6,
  10: 5,
};

/** The points of the boot matrix: scripts of test/matrix/overlay/root/points, by number. */
const POINTS = readdirSync(shippedPath('test', 'matrix', 'overlay', 'root', 'points'))
  .filter((name) => /^\d+$/.test(name))
  .sort((a, b) => Number(a) - Number(b));

/** Results of the checks of one point. */
export interface PointResult {
  readonly point: string;
  readonly passed: readonly string[];
  readonly failed: readonly { readonly check: string; readonly text: string }[];
}

export interface CellResult {
  /** As `lxc-start --version` prints it. */
  readonly version: string;
  /** Bytes of the files of LXC and libcap in the root filesystem, without init.lxc.static; 0 if it was not compiled. */
  readonly size: number;
  readonly points: readonly PointResult[];
  /** Messages of the boot. */
  readonly stderr: string;
}

/** Builds the board of a cell, boots it and goes through all points. */
export async function runCell(cell: MatrixCell, source?: string): Promise<CellResult> {
  const profile = shippedPath('test', 'matrix', `${cell.board}.yaml`);
  // A folder for each kernel: the next cell finds it compiled.
  const board = new RealBoard(profile, `matrix-${cell.kernel}`);
  const built = await board.build(...(source === undefined ? [] : ['--source', `lxc=${source}`]));
  if (built.exitCode !== 0) throw new Error(`the build of ${cell.board} failed:\n${built.stderr}`);
  const commands = POINTS.map((point) => `echo "point ${point}"; /root/points/${point}`);
  const { stdout, stderr } = await board.boot(
    ['lxc-start --version', ...commands],
    // The points check the containers, also those that are to fail; a check before them would start containers again.
    ...['--skip-container-check', '--timeout', '1800'],
  );
  const [version = '', ...points] = stdout.split(/^point /m);
  return {
    version: version.trim(),
    size: cell.prebuilt ? 0 : await installedSize(board),
    points: points.map(readPoint),
    stderr,
  };
}

function readPoint(text: string): PointResult {
  const [point = '', ...lines] = text.split('\n');
  const after = (start: string): string[] =>
    lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  return {
    point,
    passed: after('ok '),
    failed: after('not ok ').map((text) => ({ check: text.slice(0, text.indexOf(': wanted /')), text })),
  };
}

async function installedSize(board: RealBoard): Promise<number> {
  const files = await walkTree(join(board.outDir, 'work', 'build-lxc', 'target'));
  return files
    .filter(({ name, stat }) => stat.isFile() && !name.endsWith('/init.lxc.static'))
    .reduce((bytes, { stat }) => bytes + stat.sizeBytes, 0);
}

/** Faults of a cell: checks that failed without an explanation, points that checked too little. */
export function faultsOf(cell: MatrixCell, { points }: CellResult): string[] {
  const failed = points.flatMap(({ point, failed: checks }) =>
    checks
      .filter(({ check }) => explain(cell, point, check) === undefined)
      .map(({ text }) => `${point}: ${text}`),
  );
  const short = Object.entries(pointChecks).flatMap(([point, least]) => {
    const found = points.find((one) => one.point === point);
    const count = (found?.passed.length ?? 0) + (found?.failed.length ?? 0);
    return count >= least ? [] : [`${point}: ${count} checks instead of ${least}`];
  });
  return [...failed, ...short];
}
