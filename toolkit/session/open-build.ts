import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { findBoard } from '../board/find-board.ts';
import { loadProfile } from '../board/load-profile.ts';
import { KitError } from '../base/errors.ts';
import { shippedPath } from '../base/package-root.ts';
import { toolEnvironment } from '../host/run-tool.ts';
import { fragmentNames } from '../kconfig/read-fragment.ts';
import { DERIVED_FRAGMENT } from '../kernel-needs/derive-fragment.ts';
import { catalog } from '../sources/catalog.ts';
import type { Build } from '../opened-board/build.ts';
import { architectures } from '../toolchain/architectures.ts';
import { findProgram } from '../host/find-program.ts';
import { DEFAULT_LAUNCHER, type LauncherName } from '../toolchain/launchers.ts';
import { displayPath } from './display-path.ts';

/** The command-line options that all commands share. */
export interface BoardOptions {
  readonly board: string;
  readonly out?: string;
  readonly source?: readonly string[];
  readonly offline?: boolean;
  readonly update?: boolean;
}

/** 2026-01-01, unless SOURCE_DATE_EPOCH says otherwise (https://reproducible-builds.org/specs/source-date-epoch/). */
const DEFAULT_EPOCH_SECONDS = 1_767_225_600;

/** Folders with programs that an ordinary user's PATH may lack, such as mke2fs. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Reads the board profile and everything else that is known before the first step. */
export async function openBuild(options: BoardOptions): Promise<Build> {
  const cwd = process.cwd();
  const shippedBoardsDir = shippedPath('boards');
  const file = await findBoard(options.board, { cwd, shippedBoardsDir });
  const loaded = await loadProfile(file, {
    shippedBoardsDir,
    displayPath,
    knownFragments: {
      kernel: [...fragmentNames(shippedPath('kconfig-fragments')), DERIVED_FRAGMENT],
      busybox: fragmentNames(shippedPath('busybox-config')),
    },
  });
  const path = [process.env['PATH'] ?? '', ...SYSTEM_FOLDERS].join(':');
  return {
    loaded,
    displayPath,
    boardArgument: options.board,
    architecture: architectures[loaded.profile.toolchain.arch],
    outDir: resolve(cwd, options.out ?? join('out', loaded.profile.name)),
    storeDir: storeDir(),
    overrides: readOverrides(options.source ?? []),
    offline: options.offline ?? false,
    update: options.update ?? false,
    env: toolEnvironment({ ...process.env, PATH: path }),
    userEnv: process.env,
    epochSeconds: readEpoch(),
    launcher: findLauncher(loaded.profile.toolchain.launcher, path),
  };
}

/** A launcher that the profile names and the host lacks is reported with the other missing tools. */
function findLauncher(named: LauncherName | 'none' | undefined, path: string): Build['launcher'] {
  const name = named ?? DEFAULT_LAUNCHER;
  if (name === 'none') return undefined;
  const program = findProgram(name, path);
  return program === undefined ? undefined : { name, program };
}

/** `$LXC_KIT_STORE`, or `lxc-kit` in the user's cache folder (XDG Base Directory Specification). */
export function storeDir(): string {
  const own = process.env['LXC_KIT_STORE'];
  if (own !== undefined && own !== '') return resolve(own);
  const cache = process.env['XDG_CACHE_HOME'];
  return join(cache !== undefined && isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'lxc-kit');
}

function readOverrides(given: readonly string[]): Map<string, string> {
  const overrides = new Map<string, string>();
  for (const text of given) {
    const [component = '', ...path] = text.split('=');
    if (path.length === 0 || path.join('=') === '') {
      throw new KitError('USAGE', `--source ${text} has no path`, {
        hint: 'write it as --source COMPONENT=PATH, for example --source lxc=lxc-5.0.2.tar.gz',
      });
    }
    if (!(component in catalog)) {
      throw new KitError('USAGE', `--source ${text}: there is no component "${component}"`, {
        hint: `components: ${Object.keys(catalog).join(', ')}`,
      });
    }
    overrides.set(component, resolve(process.cwd(), path.join('=')));
  }
  return overrides;
}

function readEpoch(): number {
  const text = process.env['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return DEFAULT_EPOCH_SECONDS;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new KitError('USAGE', `SOURCE_DATE_EPOCH is "${text}", which is not a number of seconds since 1970`, {
    hint: 'unset it, or set it to the output of date +%s',
  });
}
