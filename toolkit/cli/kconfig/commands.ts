import { Option, type Command } from 'commander';
import { board, out, source } from '../options.ts';

/** The subcommands of `lxc-kit kconfig`; each is loaded when it is called. */
export function addKconfigCommands(kconfig: Command): void {
  void onTree;
  void kconfig;
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
