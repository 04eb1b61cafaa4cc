import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { CliProcess } from './cli-process.ts';
import { lxcForBoots } from './lxc-for-boots.ts';
import { CLI_FILE } from './cli-path.ts';

/** Result of a run of the command line. */
export interface CliResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A board that is built for real: real sources, real compiler, QEMU. Its out directory is kept, so a second run is quick. */
export class RealBoard {
  /** A name, or the path of a profile. */
  readonly board: string;
  readonly outDir: string;

  readonly #env: Readonly<Record<string, string>>;

  constructor(board: string, outName: string, env: Readonly<Record<string, string>> = {}) {
    this.board = board;
    this.#env = env;
    this.outDir = shippedPath('out', 'test', outName);
    mkdirSync(this.outDir, { recursive: true });
  }

  build(...args: string[]): Promise<CliResult> {
    const hasLxc = args.some((word) => word.startsWith('lxc='));
    return this.#run('build', [...(hasLxc ? [] : lxcForBoots()), ...args]);
  }

  /** Starts a build that the test wants to do something to while it runs. */
  startBuild(timeoutMs: number, ...args: string[]): CliProcess {
    const inherited = Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return new CliProcess(['build', '--board', this.board, '--out', this.outDir, ...args], {
      cwd: shippedPath(),
      env: { ...Object.fromEntries(inherited), CI: 'true', ...this.#env },
      timeoutMs,
    });
  }

  plan(): Promise<CliResult> {
    return this.#run('plan', []);
  }

  /** Boots and runs commands in the guest. */
  boot(commands: readonly string[], ...args: string[]): Promise<CliResult> {
    return this.#run('boot', [...args, ...commands.flatMap((command) => ['--run', command])]);
  }

  /** `lxc-kit kconfig SUBCOMMAND`. */
  kconfig(subcommand: string, ...args: string[]): Promise<CliResult> {
    return this.#run(`kconfig ${subcommand}`, args);
  }

  read(path: string): string {
    return readFileSync(join(this.outDir, path), 'utf8');
  }

  async #run(command: string, args: readonly string[]): Promise<CliResult> {
    const argv = [CLI_FILE, ...command.split(' '), '--board', this.board, '--out', this.outDir, ...args];
    const { exitCode, stdout, stderr } = await execa(process.execPath, argv, {
      cwd: shippedPath(),
      env: { CI: 'true', ...this.#env },
      reject: false,
      stripFinalNewline: false,
    });
    return { exitCode, stdout, stderr };
  }
}

/** The command that the project promises: a container started by hand prints its host name. */
export const START_CONTAINER1 =
  'lxc-start -n container1 -F -f /opt/lxc/container1.conf -P /opt/lxc -- hostname';
