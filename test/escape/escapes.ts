import { mkdirSync, writeFileSync } from 'node:fs';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import type { RootKind } from './attempt.ts';
import { attempts } from './attempts.ts';
import { containers, runCell, runControl, type CellResult } from './cells.ts';
import type { EscapeBoard } from './escape-board.ts';
import { escapesJunit } from './escapes-page.ts';

/** The columns of a board with one root, and their control. */
export interface BoardResults {
  readonly control: CellResult;
  readonly cells: readonly CellResult[];
}

/** Makes the attempts in all containers of a board that is built. */
export async function runBoard(board: EscapeBoard, lxc: string, root: RootKind): Promise<BoardResults> {
  const cells: CellResult[] = [];
  for (const container of containers) cells.push(await runCell(board, lxc, root, container));
  return { control: await runControl(board, lxc, root), cells };
}

/** Writes the JUnit report of columns, for the pipeline; returns its path. */
export function writeJunit(name: string, results: readonly CellResult[]): string {
  const dir = shippedPath('out', 'test', 'escape-results');
  mkdirSync(dir, { recursive: true });
  const file = `${dir}/${name}.xml`;
  writeFileSync(file, escapesJunit(attempts, results));
  return file;
}
