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
import { reproducibleEnvironment, type Build } from '../../steps/build.ts';
import type { ConfiguredTree } from '../../steps/configured-tree.ts';
import { menuFragment } from '../../steps/menu-fragment.ts';
import { fragmentText } from '../../steps/minimal-config.ts';
import { lendTerminal } from '../interrupt.ts';
import { displayPath } from '../display-path.ts';
import { print, tell } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** What mconf and ncurses look at; everything else of the user's environment stays out, as for every tool. */
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

/** The list in the profile that a fragment for a tree belongs into. */
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
      // Lines and letters are drawn as the person's locale has them.
      const { LC_ALL: _fixed, ...fixed } = reproducibleEnvironment(build);
      const env = { ...fixed, ...terminalVariables() };
      const { make, objDir, text, name } = configured;
      const dotConfig = join(objDir, '.config');
      const { result: run, pressed } = await lendTerminal(() =>
        runOnTerminal([...make, 'menuconfig'], { cwd: objDir, env, signal, terminal }),
      );
      const saved = readFileSync(dotConfig, 'utf8');
      // What was saved is not lost, however the menus ended.
      if (saved === text) refuseBadEnd(run, pressed);
      else tell('saved; looking for the lines that it takes');
      const fragment = await menuFragment(configured, saved);
      if (fragment === undefined) {
        tell('nothing was changed');
        return;
      }
      const { lines, remaining } = fragment;
      for (const symbol of remaining)
        tell(`warning: ${symbol} does not come out as saved when the fragment is merged onto the board`);
      const header = `# ${build.loaded.profile.name}, ${name}: changed in menuconfig\n`;
      if (options.write === undefined) print(`${header}${fragmentText(lines)}`.trimEnd());
      else await addTo(resolve(process.cwd(), options.write), header, lines);
      tellWhereTo(configured, build, lines, options.write);
    },
    { tools: menuTools },
  );
}

/** Throws USAGE where nobody can use menus. stdout may lead to a file: then the menus are drawn by way of stderr. */
function findTerminal(): 1 | 2 {
  const drawn = process.stdout.isTTY ? 1 : process.stderr.isTTY ? 2 : undefined;
  if (process.stdin.isTTY && drawn !== undefined) return drawn;
  throw new KitError('USAGE', 'menuconfig needs a terminal, and there is none', {
    hint: 'run it in a terminal; or write a fragment by hand, and look at what becomes of it with: lxc-kit kconfig audit',
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
  // make tells of Ctrl-C in more than one way: by its death, by an exit code, or by an error of its own.
  const failed = run.kind === 'exited' && run.exitCode !== 0;
  if (pressed && failed) throw new KitError('INTERRUPTED', 'interrupted: nothing was saved');
  switch (run.kind) {
    case 'exited':
      if (run.exitCode === 0) return;
      // 130 is how a shell tells of Ctrl-C, and 2 how make tells of anything that went wrong below it.
      throw new KitError('STEP_FAILED', `make menuconfig ended with exit code ${run.exitCode}`, {
        hint: 'what it printed is above',
      });
    case 'killed':
      if (run.signal === 'SIGINT') throw new KitError('INTERRUPTED', 'interrupted: nothing was saved');
      throw new KitError('STEP_FAILED', `make menuconfig was killed by ${run.signal}`);
    case 'not-started':
      throw new KitError('STEP_FAILED', `make menuconfig could not be started: ${run.reason}`);
  }
}

/** Writes a fragment; one that is there keeps its other lines. */
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
  tell(there ? `added ${count} to ${displayPath(file)}` : `wrote ${count} to ${displayPath(file)}`);
}

/** Says what is left to do for the fragment to count, and which line of the profile or of a fragment would win over it. */
function tellWhereTo(
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
    tell(
      `warning: ${symbol}=${asked.value} in ${placeOf(asked.location)} wins over fragments: change it there`,
    );
  }
  if (write === undefined) return;
  const file = resolve(process.cwd(), write);
  if (isListed(build, name, file)) return;
  const path = relative(dirname(profileFile), file);
  tell(
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
