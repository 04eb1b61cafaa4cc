import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { KitError } from '../../base/errors.ts';
import { menuTools } from '../../host/host-tools.ts';
import { MAX_TEXT_BYTES, readUserFile } from '../../host/read-user-file.ts';
import { runOnTerminal, type TerminalRun } from '../../host/run-tool.ts';
import { writeAtomic } from '../../host/write-atomic.ts';
import { placeOf } from '../../kconfig/audit-config.ts';
import type { SymbolValue } from '../../kconfig/diff-configs.ts';
import { mergedText, mergeLayers } from '../../kconfig/merge-fragments.ts';
import { parseConfig } from '../../kconfig/parse-config.ts';
import { reproducibleEnvironment, type Build } from '../../opened-board/build.ts';
import type { ConfiguredTree } from '../../configuration/configured-tree.ts';
import { menuFragment } from '../../configuration/menu-fragment.ts';
import { fragmentText } from '../../configuration/minimal-config.ts';
import { lendTerminal } from '../interrupt.ts';
import { displayPath } from '../../session/display-path.ts';
import { print, printStatus } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** The variables that mconf and ncurses read; the rest of the user's environment stays out, as for every tool. */
const TERMINAL_VARIABLES = [
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'MENUCONFIG_COLOR',
  'MENUCONFIG_MODE',
  'TERM',
  'TERMINFO',
  'TERMINFO_DIRS',
];

/** The list of the profile in which a fragment for each tree belongs. */
const FRAGMENT_LISTS: Readonly<Record<ConfiguredTree['name'], string>> = {
  kernel: 'kernel.fragments',
  'emulator-kernel': 'emulator.kernel.fragments',
  busybox: 'busybox.fragments',
};

/** `lxc-kit kconfig menuconfig`: the tree's own menus on the board's configuration; the changes come out as a fragment. */
export async function menuconfig(options: TreeOptions & { readonly write?: string }): Promise<void> {
  const terminal = findTerminal();
  await withConfiguredTree(
    options,
    async ({ configured, build, context: { signal } }) => {
      // Lines and letters are drawn in the user's locale.
      const { LC_ALL: _fixed, ...fixed } = reproducibleEnvironment(build);
      const env = { ...fixed, ...terminalVariables() };
      const { make, objDir, text, name } = configured;
      const dotConfig = join(objDir, '.config');
      const { result: run, pressed } = await lendTerminal(() =>
        runOnTerminal([...make, 'menuconfig'], { cwd: objDir, env, signal, terminal }),
      );
      const saved = readFileSync(dotConfig, 'utf8');
      // Saved changes are kept, however the menus ended.
      if (saved === text) refuseBadEnd(run, pressed);
      else printStatus('saved; looking for the lines that give this configuration');
      const fragment = await menuFragment(configured, saved);
      if (fragment === undefined) {
        printStatus('nothing was changed');
        return;
      }
      const { lines, remaining } = fragment;
      for (const symbol of remaining)
        printStatus(
          `warning: ${symbol} does not keep its saved value when the fragment is merged into the board's configuration`,
        );
      const header = `# ${build.loaded.profile.name}, ${name}: changed in menuconfig\n`;
      if (options.write === undefined) print(`${header}${fragmentText(lines)}`.trimEnd());
      else await addTo(resolve(process.cwd(), options.write), header, lines);
      printWhereTo(configured, build, lines, options.write);
    },
    { tools: menuTools },
  );
}

/** Throws USAGE without a terminal. If stdout is a file, the menus are drawn on stderr. */
function findTerminal(): 1 | 2 {
  const drawn = process.stdout.isTTY ? 1 : process.stderr.isTTY ? 2 : undefined;
  if (process.stdin.isTTY && drawn !== undefined) return drawn;
  throw new KitError('USAGE', 'menuconfig needs a terminal, and there is none', {
    hint: 'run it in a terminal; or write a fragment by hand and check it with: lxc-kit kconfig audit',
  });
}

function terminalVariables(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of TERMINAL_VARIABLES) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function refuseBadEnd(run: TerminalRun, pressed: boolean): void {
  // make reports Ctrl-C in several ways: a signal, an exit code, or an error message.
  const failed = run.kind === 'exited' && run.exitCode !== 0;
  if (pressed && failed) throw new KitError('INTERRUPTED', 'interrupted: nothing was saved');
  switch (run.kind) {
    case 'exited':
      if (run.exitCode === 0) return;
      // A shell reports Ctrl-C as 130; make reports every failure below it as 2.
      throw new KitError('STEP_FAILED', `make menuconfig ended with exit code ${run.exitCode}`, {
        hint: 'its output is above',
      });
    case 'killed':
      if (run.signal === 'SIGINT') throw new KitError('INTERRUPTED', 'interrupted: nothing was saved');
      throw new KitError('STEP_FAILED', `make menuconfig was killed by ${run.signal}`);
    case 'not-started':
      throw new KitError('STEP_FAILED', `make menuconfig could not be started: ${run.reason}`);
  }
}

/** Writes a fragment; an existing file keeps its other lines. */
async function addTo(file: string, header: string, lines: readonly SymbolValue[]): Promise<void> {
  const added = mergeLayers([parseConfig(fragmentText(lines), file)]);
  const there = existsSync(file);
  await writeAtomic(
    file,
    there
      ? mergedText(readUserFile(file, MAX_TEXT_BYTES.config).toString('utf8'), added)
      : header + fragmentText(lines),
  );
  const count = `${lines.length} line${lines.length === 1 ? '' : 's'}`;
  printStatus(there ? `added ${count} to ${displayPath(file)}` : `wrote ${count} to ${displayPath(file)}`);
}

/** Prints how to put the fragment to use, and which lines of the profile or of other fragments would win over it. */
function printWhereTo(
  { requests, name }: ConfiguredTree,
  build: Build,
  lines: readonly SymbolValue[],
  write: string | undefined,
): void {
  const profileFile = build.loaded.file;
  const inFiles = new Set(build.loaded.files.map((file) => build.displayPath(file)));
  for (const { symbol, value } of lines) {
    const asked = requests.get(symbol);
    if (asked === undefined || asked.value === value || !inFiles.has(asked.location.file)) continue;
    printStatus(
      `warning: ${symbol}=${asked.value} in ${placeOf(asked.location)} wins over fragments: change it there`,
    );
  }
  if (write === undefined) return;
  const file = resolve(process.cwd(), write);
  if (isListed(build, name, file)) return;
  const path = relative(dirname(profileFile), file);
  printStatus(
    `add it as the last of ${FRAGMENT_LISTS[name]} in ${displayPath(profileFile)}: ${path.startsWith('.') ? path : `./${path}`}`,
  );
}

function isListed(build: Build, name: ConfiguredTree['name'], file: string): boolean {
  const { kernel, busybox, emulator } = build.loaded.profile;
  const lists = {
    kernel: kernel.fragments,
    'emulator-kernel': [...kernel.fragments, ...(emulator.kernel?.fragments ?? [])],
    busybox: busybox.fragments,
  };
  return lists[name].includes(file);
}
