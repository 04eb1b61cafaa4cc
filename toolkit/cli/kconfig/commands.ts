import { Option, type Command } from 'commander';
import { board, out, release, source } from '../options.ts';
import type { DeriveOptions } from './derive.ts';
import type { DiffOptions } from './diff.ts';
import type { FixOptions } from './fix.ts';
import type { TreeOptions } from './open-tree.ts';

/** The subcommands of `lxc-kit kconfig`; each is loaded when it is called. */
export function addKconfigCommands(kconfig: Command): void {
  onTree(kconfig.command('explain'))
    .description('explain the final value of a symbol: what it depends on, what requests it, what selects it')
    .argument('<symbol>', 'with or without CONFIG_')
    .option('--json', 'as JSON')
    .action(async (symbol: string, options: TreeOptions & { json?: boolean }) =>
      (await import('./explain.ts')).explainInTree(symbol, options),
    );

  onTree(kconfig.command('fix'))
    .description("find lines that bring back each lost symbol, proven by the tree's own conf")
    .argument('[symbols...]', 'only these, requested or not (default: all lost symbols)')
    .option('--write <file>', 'write the lines to a fragment')
    .option('--json', 'as JSON')
    .action(async (symbols: string[], options: FixOptions) =>
      (await import('./fix.ts')).fixTree(symbols, options),
    );

  board(kconfig.command('derive'))
    .description('print the fragment that the board profile needs, with the reason for each line')
    .addOption(out())
    .addOption(source())
    .option('--emulator', "for the emulator's kernel, if the profile has one")
    .option('--kernel-version <version>', 'for this version of Linux, without reading its source', release)
    .option('--lxc-version <version>', 'for this version of LXC, without reading its source', release)
    .option('--write <file>', 'write it to a file instead of stdout')
    .action(async (options: DeriveOptions) => (await import('./derive.ts')).derive(options));

  onTree(kconfig.command('audit'))
    .description('show the final value of every requested symbol; builds nothing')
    .option('--json', 'as JSON')
    .action(async (options: TreeOptions & { json?: boolean }) => (await import('./audit.ts')).audit(options));

  whichTree(kconfig.command('diff'))
    .description('show how two configurations differ')
    .argument('<a>', 'a board, the path of a profile, or a .config file')
    .argument('<b>', 'another one')
    .option('--json', 'as JSON')
    .action(async (a: string, b: string, options: DiffOptions) =>
      (await import('./diff.ts')).diff(a, b, options),
    );

  onTree(kconfig.command('savedefconfig'))
    .description('print the minimal configuration, without values that follow from others')
    .option('--write <file>', 'write it to a file instead of stdout')
    .action(async (options: TreeOptions & { write?: string }) =>
      (await import('./savedefconfig.ts')).savedefconfig(options),
    );

  onTree(kconfig.command('menuconfig'))
    .description("open the tree's own menus; your changes come out as a fragment")
    .option('--write <file>', 'add the fragment to a file instead of printing it')
    .action(async (options: TreeOptions & { write?: string }) =>
      (await import('./menuconfig.ts')).menuconfig(options),
    );
}

/** Options of every subcommand that looks at the configuration of one tree. */
function onTree(command: Command): Command {
  return whichTree(board(command));
}

/** The same without the board. */
function whichTree(command: Command): Command {
  return command
    .addOption(out())
    .addOption(source())
    .addOption(new Option('--busybox', "BusyBox's configuration instead of the kernel's"))
    .addOption(
      new Option('--emulator', "the emulator's kernel, where the profile has one").conflicts('busybox'),
    );
}
