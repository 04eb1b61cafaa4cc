import { statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { findBoard } from '../../board/find-board.ts';
import { DiagnosticsError } from '../../base/diagnostic.ts';
import { KitError } from '../../base/errors.ts';
import { shippedPath } from '../../base/package-root.ts';
import { MAX_TEXT_BYTES, refusalOf } from '../../host/read-user-file.ts';
import { readFinalConfig } from '../../kconfig/audit-config.ts';
import { diffConfigs, formatDifference } from '../../kconfig/diff-configs.ts';
import { readBase } from '../../kconfig/read-base.ts';
import { print } from '../terminal.ts';
import { watchInterrupt, withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** The options of `lxc-kit kconfig diff`: those of the other subcommands, except the board. */
export interface DiffOptions extends Omit<TreeOptions, 'board'> {
  readonly json?: boolean;
}

/** One side of the comparison. */
interface Side {
  /** As the user gave it. */
  readonly name: string;
  readonly kind: 'board' | 'file';
  readonly version?: string;
  readonly values: ReadonlyMap<string, string>;
}

/** `lxc-kit kconfig diff A B`: how two boards or two .config files differ. */
export async function diff(nameA: string, nameB: string, options: DiffOptions): Promise<void> {
  const signal = watchInterrupt();
  // One after the other: each uses all cores.
  const a = await openSide(nameA, options, signal);
  const b = await openSide(nameB, options, signal);
  const difference = diffConfigs(a.values, b.values);
  if (options.json !== true) {
    print(formatDifference(difference, nameA, nameB));
    return;
  }
  const describe = ({ name, kind, version }: Side) => ({ name, kind, version });
  print(JSON.stringify({ a: describe(a), b: describe(b), ...difference }, null, 2));
}

async function openSide(name: string, options: DiffOptions, signal: AbortSignal): Promise<Side> {
  if (await isBoard(name)) {
    // Each board has an out directory of its own.
    const out = options.out === undefined ? {} : { out: join(options.out, boardFolder(name)) };
    return withConfiguredTree(
      { ...options, ...out, board: name },
      ({ configured: { text, version } }) =>
        Promise.resolve({
          name,
          kind: 'board' as const,
          values: readFinalConfig(text),
          ...(version === undefined ? {} : { version }),
        }),
      { signal },
    );
  }
  return { name, kind: 'file', values: readConfigFile(name) };
}

/** A profile ends in .yaml; any other name is a board if there is such a board, otherwise a file. */
async function isBoard(name: string): Promise<boolean> {
  if (/\.ya?ml$/.test(name)) return true;
  if (name.includes('/')) return false;
  try {
    await findBoard(name, { cwd: process.cwd(), shippedBoardsDir: shippedPath('boards') });
    return true;
  } catch (error) {
    if (statOf(name)?.isDirectory() === false) return false;
    throw error;
  }
}

function statOf(name: string): Stats | undefined {
  return statSync(name, { throwIfNoEntry: false });
}

function boardFolder(name: string): string {
  return name.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
}

/** Reads a .config file. Throws FRAGMENT_INVALID with all invalid lines, or USAGE. */
function readConfigFile(name: string): Map<string, string> {
  const found = statOf(name);
  const refusal = found === undefined ? undefined : refusalOf(found, MAX_TEXT_BYTES.config);
  if (found === undefined || refusal !== undefined) {
    throw new KitError('USAGE', refusal === undefined ? `there is no file ${name}` : `${name} ${refusal}`, {
      hint: 'name a board, a profile that ends in .yaml, or a .config file',
    });
  }
  const { lines, problems } = readBase({ file: name, shownAs: name });
  if (problems.length > 0) throw new DiagnosticsError('FRAGMENT_INVALID', problems);
  if (lines.length === 0) {
    throw new KitError('USAGE', `${name} has no CONFIG_ line`, {
      hint: 'name a .config file, or a board',
    });
  }
  return new Map(lines.map(({ symbol, value }) => [symbol, value]));
}
