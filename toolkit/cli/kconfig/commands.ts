import { Option, type Command } from 'commander';
import { board, out, release, source } from '../options.ts';
import type { DeriveOptions } from './derive.ts';
import type { DiffOptions } from './diff.ts';
import type { FixOptions } from './fix.ts';
import type { TreeOptions } from './open-tree.ts';

/** The subcommands of `lxc-kit kconfig`; each is loaded when it is called. */
export function addKconfigCommands(kconfig: Command): void {
  onTree(kconfig.command('explain'))
    .description('why a symbol has its final value: what it depends on, who asked for it, who selects it')
    .argument('<symbol>', 'with or without CONFIG_')
    .option('--json', 'as JSON')
    .action(async (symbol: string, options: TreeOptions & { json?: boolean }) =>
      (await import('./explain.ts')).explainInTree(symbol, options),
    );

  onTree(kconfig.command('fix'))
    .description("extra lines for every symbol that was lost, each proven by the tree's own conf")
    .argument('[symbols...]', 'only these, asked for or not (default: all that were lost)')
    .option('--write <file>', 'write the lines to a fragment')
    .option('--json', 'as JSON')
    .action(async (symbols: string[], options: FixOptions) =>
      (await import('./fix.ts')).fixTree(symbols, options),
    );

  board(kconfig.command('derive'))
    .description('the fragment that exactly the board profile needs, with the reason for each line')
    .addOption(out())
    .addOption(source())
    .option('--emulator', "for the emulator's kernel, where the profile has one")
    .option('--kernel-version <version>', 'of this Linux, without looking at its source', release)
    .option('--lxc-version <version>', 'for this LXC, without looking at its source', release)
    .option('--write <file>', 'into a file instead of stdout')
    .action(async (options: DeriveOptions) => (await import('./derive.ts')).derive(options));

  onTree(kconfig.command('audit'))
    .description('what became of every symbol that was asked for; nothing is built')
    .option('--json', 'as JSON')
    .action(async (options: TreeOptions & { json?: boolean }) => (await import('./audit.ts')).audit(options));

  whichTree(kconfig.command('diff'))
    .description('what two configurations have not in common')
    .argument('<a>', 'a board, the path of a profile, or a .config file')
    .argument('<b>', 'another one')
    .option('--json', 'as JSON')
    .action(async (a: string, b: string, options: DiffOptions) =>
      (await import('./diff.ts')).diff(a, b, options),
    );

  onTree(kconfig.command('savedefconfig'))
    .description('the configuration without what follows from it')
    .option('--write <file>', 'write it to a file instead of stdout')
    .action(async (options: TreeOptions & { write?: string }) =>
      (await import('./savedefconfig.ts')).savedefconfig(options),
    );

  onTree(kconfig.command('menuconfig'))
    .description("the tree's own menus; what you change there comes out as a fragment")
    .option('--write <file>', 'write the fragment to a file instead of stdout; added to what is in it')
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
