import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { execa } from 'execa';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { TmuxTerminal } from '../rigs/tmux-terminal.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

/** A project of its own, with the shipped malta board extended. */
const dir = shippedPath('out', 'test', 'menuconfig');
const CLI = `"${process.execPath}" "${CLI_FILE}"`;

let terminal: TmuxTerminal | undefined;

beforeAll(() => {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(`${dir}/boards`, { recursive: true });
  const malta = shippedPath('boards', 'malta-mipsel.yaml');
  writeFileSync(`${dir}/boards/box.yaml`, `schema: 1\nname: box\nextends: [${malta}]\n`);
  writeFileSync(
    `${dir}/boards/changed.yaml`,
    [
      `schema: 1\nname: changed\nextends: [${malta}]`,
      'kernel: { fragments: [malta, lxc, ./kernel.config] }',
      'busybox: { fragments: [static, lxc, ./busybox.config] }\n',
    ].join('\n'),
  );
});

afterEach(() => {
  terminal?.close();
  terminal = undefined;
});

function open(name: string, options: string): TmuxTerminal {
  const run = `${CLI} kconfig menuconfig --board box ${options}; code=$?`;
  const command = `stty -g > before; ${run}; stty -g > after; echo "exit code $code"; sleep 600`;
  terminal = new TmuxTerminal(name, command, dir);
  return terminal;
}

/** The changes that the fragment makes to the board's final configuration. */
async function differenceOf(...options: string[]): Promise<string> {
  const args = [CLI_FILE, 'kconfig', 'diff', 'box', 'changed', ...options];
  const { stdout } = await execa(process.execPath, args, { cwd: dir });
  return stdout;
}

test("the kernel's own menus: what a person switches on comes out as a fragment that does it", async () => {
  const menus = open('kernel', '--write boards/kernel.config');
  await menus.waitFor(/Linux\/mips \S+ Kernel Configuration/);
  menus.press('/');
  await menus.waitFor(/Search Configuration Parameter/);
  menus.press('FTRACE', 'Enter');
  await menus.waitFor(/Symbol: FTRACE/);
  menus.press('1');
  await menus.waitFor(/\[ \] Tracers/);
  menus.press('y');
  await menus.waitFor(/\[\*\] Tracers/);
  await menus.pressUntil(/Do you wish to save your new configuration/, 'Escape', 'Escape');
  menus.press('Enter');
  await menus.waitFor(/exit code 0/);
  // FTRACE brings symbols that are on by themselves, and the menus save them all.
  expect(readFileSync(`${dir}/boards/kernel.config`, 'utf8')).toBe(
    '# box, kernel: changed in menuconfig\nCONFIG_FTRACE=y\n',
  );
  writeFileSync(`${dir}/boards/busybox.config`, '');
  expect(await differenceOf()).toMatch(/^only in changed \(\d+\):\n(?: {2}\S+\n)* {2}CONFIG_FTRACE=y$/m);
});

test('Ctrl-C in them asks whether to save; what was saved is not lost, and the terminal is as it was', async () => {
  const menus = open('interrupt', '> fragment');
  await menus.waitFor(/Linux\/mips \S+ Kernel Configuration/);
  menus.press('/');
  await menus.waitFor(/Search Configuration Parameter/);
  menus.press('TUN', 'Enter');
  await menus.waitFor(/Symbol: TUN/);
  menus.press('1');
  await menus.waitFor(/\[ \]\s+Universal TUN/);
  menus.press('y');
  await menus.waitFor(/\[\*\]\s+Universal TUN/);
  menus.press('C-c');
  await menus.waitFor(/Do you wish to save your new configuration/);
  menus.press('Enter');
  await menus.waitFor(/exit code 0/);
  expect(readFileSync(`${dir}/fragment`, 'utf8')).toBe(
    '# box, kernel: changed in menuconfig\nCONFIG_TUN=y\n',
  );
  expect(readFileSync(`${dir}/after`, 'utf8')).toBe(readFileSync(`${dir}/before`, 'utf8'));
});

test("BusyBox's menus: what follows from a symbol that was switched off is left out", async () => {
  const menus = open('busybox', '--busybox --write boards/busybox.config');
  await menus.waitFor(/Busybox Configuration/);
  await menus.pressUntil(/awk \(/, 'E', 'Enter');
  menus.press('n');
  await menus.waitFor(/\[ \] awk \(/);
  await menus.pressUntil(/Do you wish to save your new configuration/, 'Escape', 'Escape');
  menus.press('Enter');
  await menus.waitFor(/exit code 0/);
  expect(readFileSync(`${dir}/boards/busybox.config`, 'utf8')).toMatch(/^# CONFIG_AWK is not set$/m);
  expect(readFileSync(`${dir}/boards/busybox.config`, 'utf8')).not.toContain('FEATURE_AWK');
  expect(await differenceOf('--busybox')).toBe(
    'only in box (3):\n  CONFIG_AWK=y\n  CONFIG_FEATURE_AWK_GNU_EXTENSIONS=y\n  CONFIG_FEATURE_AWK_LIBM=y',
  );
});
