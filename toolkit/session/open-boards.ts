import { join, resolve } from 'node:path';
import { KitError } from '../base/errors.ts';
import { shippedPath } from '../base/package-root.ts';
import { listBoards } from '../board/find-board.ts';
import type { Build } from '../opened-board/build.ts';
import { displayPath } from './display-path.ts';
import { openBuild, type BoardOptions } from './open-build.ts';

interface BoardsOptions extends Omit<BoardOptions, 'board'> {
  readonly board: readonly string[];
  readonly all?: boolean;
}

/** Opens every board that was asked for. For several, `--out` is the parent of their out directories. */
export async function openBoards(options: BoardsOptions): Promise<Build[]> {
  const { board: given, all, out, ...rest } = options;
  const names = all === true ? [...given, ...(await allBoards())] : given;
  const [only] = names;
  if (only === undefined) {
    throw new KitError('USAGE', 'no board was given', {
      hint: 'give --board NAME, several of them, or --all; npx lxc-kit boards lists them',
    });
  }
  if (names.length === 1)
    return [await openBuild({ ...rest, board: only, ...(out === undefined ? {} : { out }) })];
  const opened = new Map<string, Build>();
  for (const board of names) {
    const build = await openBuild({ ...rest, board });
    const outDir = out === undefined ? build.outDir : join(resolve(out), build.loaded.profile.name);
    const other = opened.get(outDir);
    if (other !== undefined && other.loaded.file !== build.loaded.file) {
      throw new KitError(
        'USAGE',
        `two boards would be built in ${displayPath(outDir)}: both are called ${build.loaded.profile.name}`,
        {
          hint: 'give them different names, or build them one after the other with --out',
        },
      );
    }
    opened.set(outDir, { ...build, outDir });
  }
  return [...opened.values()];
}

async function allBoards(): Promise<string[]> {
  return (await listBoards({ cwd: process.cwd(), shippedBoardsDir: shippedPath('boards') })).map(
    ({ name }) => name,
  );
}
