import { Argument, Command, Option } from 'commander';
import { packageVersion } from '../base/package-root.ts';
import { layoutNames } from '../cgroups/layouts.ts';
import type { LogFormat } from '../logging/create-logger.ts';
import type { BootOptions } from './boot.ts';
import type { BuildOptions } from './build.ts';
import type { CompletedWords } from './complete.ts';
import type { Shell } from './completion.ts';
import type { ConvertOptions } from './container-convert.ts';
import type { ImportOptions } from './container-import.ts';
import { exitCodeOf } from './exit-codes.ts';
import { helpFormat, helpWidth } from './format-help.ts';
import type { InitOptions, Pipeline } from './init.ts';
import type { PasswdOptions } from './passwd.ts';
import { addKconfigCommands } from './kconfig/commands.ts';
import type { BoardOptions } from '../session/open-build.ts';
import { board, collect, logFormat, out, positive, source } from './options.ts';
import { printError, useLogFormat } from './terminal.ts';

/** Wrong usage; the code that commander's own errors get here. */
const USAGE = 2;

// Each command is loaded when it is called, so that a build with nothing to do does not wait for code it does not use.
const program = new Command('lxc-kit')
  .description(
    'Builds kernel, static BusyBox, LXC, root filesystem and containers for a board, and boots them in QEMU.',
  )
  .version(packageVersion())
  .showHelpAfterError('(add --help for the options)')
  .exitOverride()
  .configureHelp(helpFormat)
  .configureOutput({ getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
  .hook('preAction', (_program, command) => {
    useLogFormat(command.opts<{ logFormat?: LogFormat }>().logFormat ?? 'auto');
  });

program
  .command('build')
  .description('build everything: sources, kernel, BusyBox, LXC, rootfs, containers, images, manifest')
  .option(
    '--board <name|file>',
    'a board (boards/NAME.yaml) or the path of a profile (repeatable)',
    collect,
    [],
  )
  .option('--all', 'every board that lxc-kit boards lists')
  .addOption(out())
  .option(
    '--jobs <n>',
    'processes that all steps together may run at once (default: the number of cores)',
    positive,
  )
  .addOption(source())
  .option('--offline', 'use only what is in the store')
  .option('--until <step>', 'stop after this step')
  .option('--install-host-tools', 'install missing host tools first, with apt-get, as root or through sudo')
  .addOption(logFormat())
  .action(async (options: BuildOptions) => (await import('./build.ts')).build(options));

board(program.command('plan'))
  .description('list the steps: which are fresh, which would be restored or built, and why')
  .addOption(out())
  .addOption(source())
  .option('--json', 'as JSON')
  .action(async (options: BoardOptions & { json?: boolean }) => (await import('./plan.ts')).plan(options));

board(program.command('boot'))
  .description('boot the built images in the emulator')
  .addOption(out())
  .option(
    '--run <command>',
    "run a command in the guest's shell, print its output; exit 0 only if all exit 0 (repeatable)",
    collect,
  )
  .option('--timeout <seconds>', 'for the whole boot, with --run (default: 120)', positive)
  .addOption(new Option('--root <kind>', 'where the root filesystem is').choices(['initramfs', 'disk']))
  .option('--junit <file>', 'write the results as JUnit XML')
  .addOption(new Option('--console', "show the image's own console instead of a root shell").conflicts('run'))
  .option('--skip-container-check', 'with --run: pass even if containers do not run')
  .action(async (options: BootOptions) => (await import('./boot.ts')).boot(options));

board(program.command('fetch'))
  .description('download and verify every source; then build --offline works')
  .addOption(out())
  .addOption(source())
  .option('--update', 'choose again where an earlier run already chose a source')
  .addOption(logFormat())
  .action(async (options: BoardOptions & { logFormat: LogFormat }) =>
    (await import('./fetch.ts')).fetch(options),
  );

board(program.command('doctor'))
  .description('list what the host lacks for this board, and the one command that installs it')
  .option('--install', 'run that command')
  .action(async (options: BoardOptions & { install?: boolean }) =>
    (await import('./doctor.ts')).doctor(options),
  );

program
  .command('boards')
  .description('list the boards')
  .option('--json', 'as JSON')
  .action(async (options: { json?: boolean }) => (await import('./boards.ts')).boards(options));

board(program.command('explain'))
  .description("what a step's fingerprint is made of and why it last ran")
  .argument('<step>')
  .addOption(out())
  .addOption(source())
  .action(async (step: string, options: BoardOptions) =>
    (await import('./explain.ts')).explain(step, options),
  );

board(program.command('clean'))
  .description("remove the board's out directory")
  .addOption(out())
  .option('--store', 'remove the shared store too')
  .action(async (options: BoardOptions & { store?: boolean }) => (await import('./clean.ts')).clean(options));

const kconfig = program
  .command('kconfig')
  .description("the kernel's configuration, or with --busybox BusyBox's");
addKconfigCommands(kconfig);

const container = program
  .command('container')
  .description(
    'turn LXC configurations of any era into container definitions, or convert them to other LXC versions',
  );

container
  .command('import')
  .description(
    'print an LXC configuration as a container definition, and list what could not be carried over',
  )
  .argument('<file>')
  .option(
    '--to <version>',
    'the version of LXC that the definition is for (default: the one that boards get)',
  )
  .addOption(cgroupLayout())
  .addOption(includeRoot())
  .option('--json', 'definition and list as one JSON object')
  .action(async (file: string, options: ImportOptions) =>
    (await import('./container-import.ts')).importContainer(file, options),
  );

container
  .command('convert')
  .description('convert an LXC configuration to another version of LXC, and list what was changed')
  .argument('<file>')
  .requiredOption('--to <version>', 'the version of LXC, such as 5.0.3')
  .addOption(cgroupLayout())
  .addOption(includeRoot())
  .option('--json', 'configuration and list as one JSON object')
  .action(async (file: string, options: ConvertOptions) =>
    (await import('./container-convert.ts')).convertContainer(file, options),
  );

program
  .command('schema')
  .description('print the JSON schema of board profiles')
  .action(async () => {
    (await import('./schema.ts')).schema();
  });

program
  .command('init')
  .description('make a project of your own: a board, a container, package.json, README')
  .argument('[dir]', 'where (default: the current directory)', '.')
  .addOption(
    new Option('--ci <service>', 'add a pipeline').choices(['github', 'gitlab'] satisfies Pipeline[]),
  )
  .action(async (dir: string, options: InitOptions) => (await import('./init.ts')).init(dir, options));

program
  .command('passwd')
  .description('read a password and print its hash, for users: of a profile')
  .option('--user <name>', 'whose password it is: it may not be made of that name', 'root')
  .action(async (options: PasswdOptions) => (await import('./passwd.ts')).passwd(options));

program
  .command('completion')
  .description('print the script with which a shell completes commands, options, boards, steps and symbols')
  .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish'] satisfies Shell[]))
  .action(async (shell: Shell) => {
    (await import('./completion.ts')).completion(shell, program);
  });

program
  .command('man')
  .description('print the man page')
  .action(async () => {
    (await import('./man.ts')).man(program);
  });

program
  .command('complete', { hidden: true })
  .description('print words for the completion scripts')
  .addArgument(new Argument('<words>').choices(['boards', 'steps', 'symbols'] satisfies CompletedWords[]))
  .option('--board <name|file>')
  .action(async (words: CompletedWords, options: { board?: string }) =>
    (await import('./complete.ts')).complete(words, options),
  );

// The user's umask must not decide the modes of files in the images.
process.umask(0o022);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = showError(error);
}

function showError(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : USAGE;
  printError(error);
  return exitCodeOf(error);
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('commander.')
  );
}

function cgroupLayout(): Option {
  return new Option(
    '--cgroup <layout>',
    'how the device mounts cgroups (default: v2 from LXC 4.0 on)',
  ).choices([...layoutNames]);
}

function includeRoot(): Option {
  return new Option('--root <dir>', 'where the absolute paths of lxc.include are looked up (default: /)');
}
