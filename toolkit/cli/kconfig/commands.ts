import { Option, type Command } from 'commander';
import { board, out, release, source } from '../options.ts';
import type { DeriveOptions } from './derive.ts';
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
}

/** Options of every subcommand that looks at the configuration of one tree. */
export function onTree(command: Command): Command {
  return board(command)
    .addOption(out())
    .addOption(source())
    .addOption(new Option('--busybox', "BusyBox's configuration instead of the kernel's"))
    .addOption(
      new Option('--emulator', "the emulator's kernel, where the profile has one").conflicts('busybox'),
    );
}
