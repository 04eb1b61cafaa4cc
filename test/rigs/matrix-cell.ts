import { readdirSync } from 'node:fs';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from './real-board.ts';

export type MatrixLayout = 'v1' | 'v1-single' | 'v2';

/** The points of the boot matrix: scripts of test/matrix/overlay/root/points, by number. */
const POINTS = readdirSync(shippedPath('test', 'matrix', 'overlay', 'root', 'points'))
  .filter((name) => /^\d+$/.test(name))
  .sort((a, b) => Number(a) - Number(b));

/** What the checks of one point said. */
export interface PointResult {
  readonly point: string;
  readonly passed: number;
  /** `NAME: wanted …, got: …` */
  readonly failed: readonly string[];
}

/** Builds the board of the boot matrix in a layout, boots it and goes through all points. */
export async function runCell(
  layout: MatrixLayout,
  source?: string,
): Promise<{ results: PointResult[]; stderr: string }> {
  const board = new RealBoard(shippedPath('test', 'matrix', `${layout}.yaml`), 'matrix');
  const built = await board.build(...(source === undefined ? [] : ['--source', `lxc=${source}`]));
  if (built.exitCode !== 0) throw new Error(`the build of ${layout} failed:\n${built.stderr}`);
  const commands = POINTS.map((point) => `echo "point ${point}"; /root/points/${point}`);
  const { stdout, stderr } = await board.boot(commands, '--timeout', '900');
  const results = stdout
    .split(/^point /m)
    .slice(1)
    .map((text) => {
      const [point = '', ...lines] = text.split('\n');
      return {
        point,
        passed: lines.filter((line) => line.startsWith('ok ')).length,
        failed: lines
          .filter((line) => line.startsWith('not ok '))
          .map((line) => line.slice('not ok '.length)),
      };
    });
  return { results, stderr };
}
