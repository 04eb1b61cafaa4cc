import type { Argv } from '../host/run-tool.ts';
import type { Architecture } from '../toolchain/architectures.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { runPath, type LxcDirectories } from './directories.ts';
import type { LxcBuildPlan } from './recipe.ts';

/** What either build system gets to compile LXC with. */
export interface LxcBuildRequest {
  readonly plan: LxcBuildPlan;
  /** A writable copy of the source, with the plan's edits. */
  readonly sourceDir: string;
  /** Where files of its own may go; it lies beside `sourceDir`. */
  readonly workDir: string;
  /** The root that LXC is installed below. */
  readonly installDir: string;
  /** Libraries for the board, with headers and pkg-config files, below one root. */
  readonly stagingDir: string;
  readonly toolchain: Toolchain;
  readonly architecture: Architecture;
  /** Where LXC lies on the device. */
  readonly directories: LxcDirectories;
  /** What stands before the compiler's name: nothing, or a launcher such as ccache. */
  readonly launcher: readonly string[];
  /** Runs a host tool, with variables beside those every tool gets; a `parallel` make or ninja compiles several files at once. */
  readonly run: (
    argv: Argv,
    options?: {
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly parallel?: boolean;
    },
  ) => Promise<unknown>;
}

/** Configures, compiles and installs LXC. */
export type LxcBuilder = (request: LxcBuildRequest) => Promise<void>;

/** Compiler flags of every build: no path of the build host gets into the programs. */
export function compilerFlags({ plan, architecture, workDir }: LxcBuildRequest): string[] {
  return [...architecture.sizeFlags, ...plan.cflags, `-ffile-prefix-map=${workDir}=lxc`];
}

/** Linker flags of every build. */
export function linkerFlags({ plan, directories, stagingDir }: LxcBuildRequest): string[] {
  const path = runPath(directories);
  return [
    ...plan.ldflags,
    ...(path === undefined ? [] : [`-Wl,-rpath,${path}`]),
    `-Wl,-rpath-link,${stagingDir}/usr/lib`,
  ];
}
