import { Option, type Command } from 'commander';
import { board, out, source } from '../options.ts';
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
}

/** Options of every subcommand that looks at the configuration of one tree. */
function onTree(command: Command): Command {
  return board(command)
    .addOption(out())
    .addOption(source())
    .addOption(new Option('--busybox', "BusyBox's configuration instead of the kernel's"))
    .addOption(
      new Option('--emulator', "the emulator's kernel, where the profile has one").conflicts('busybox'),
    );
}
