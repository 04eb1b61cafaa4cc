import { join, resolve } from 'node:path';
import { listBoards } from '../board/find-board.ts';
import { KitError, errorMessage } from '../base/errors.ts';
import { shippedPath } from '../base/package-root.ts';
import type { RunStepsResult } from '../engine/run-steps.ts';
import type { StepRecord } from '../engine/step-record.ts';
import type { HostTool } from '../host/host-tools.ts';
import { formatSeconds } from '../logging/describe-event.ts';
import type { Build } from '../steps/build.ts';
import { displayPath } from './display-path.ts';
import { openBuild, type BoardOptions } from './open-build.ts';
import { tell, tellError } from './terminal.ts';

interface BoardsOptions extends Omit<BoardOptions, 'board'> {
  readonly board: readonly string[];
  readonly all?: boolean;
}

/** Opens every board that was asked for. With several, `--out` is the folder that has a directory for each. */
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
          hint: 'give them names of their own, or build them one after the other with --out',
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

/**
 * Builds boards one after the other: what two have in common the second takes from the store. One that fails keeps the
 * others from nothing; that it did is thrown at the end.
 */
export async function buildInTurn(
  boards: readonly Build[],
  buildBoard: (build: Build) => Promise<RunStepsResult>,
  signal: AbortSignal,
): Promise<void> {
  const lines: string[] = [];
  const errors: unknown[] = [];
  const width = Math.max(...boards.map(({ loaded }) => loaded.profile.name.length));
  for (const [index, build] of boards.entries()) {
    const { name } = build.loaded.profile;
    tell(`board ${name} (${index + 1} of ${boards.length})`);
    const started = performance.now();
    try {
      const { records } = await buildBoard(build);
      lines.push(
        `${name.padEnd(width)}  ${formatSeconds((performance.now() - started) / 1000)}: ${countOutcomes(records)}`,
      );
    } catch (error) {
      if (signal.aborted) throw error;
      tellError(error);
      errors.push(error);
      lines.push(`${name.padEnd(width)}  failed: ${errorMessage(error)}`);
    }
  }
  for (const line of lines) tell(line);
  const [first] = errors;
  if (first === undefined) return;
  // With the code of the first, which decides how lxc-kit exits.
  throw new KitError(
    first instanceof KitError ? first.code : 'STEP_FAILED',
    `${errors.length} of ${boards.length} boards could not be built`,
    { cause: first },
  );
}

function countOutcomes(records: readonly StepRecord[]): string {
  return (['built', 'restored', 'fresh'] as const)
    .map((outcome) => [records.filter((record) => record.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${outcome}`)
    .join(', ');
}

/** The same tool may be missing for several boards. */
export function withoutRepeats(tools: readonly HostTool[]): HostTool[] {
  return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}
