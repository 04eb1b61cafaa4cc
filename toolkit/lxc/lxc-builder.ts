import type { Argv } from '../host/run-tool.ts';
import type { Architecture } from '../toolchain/architectures.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { runPath, type LxcDirectories } from './directories.ts';
import type { LxcBuildPlan } from './recipe.ts';

/** The part of an architecture that LXC is compiled by. */
export type LxcTarget = Pick<Architecture, 'meson' | 'sizeFlags' | 'sizeLinkerFlags' | 'mesonOptions'>;

/** The input of a build system for compiling LXC. */
export interface LxcBuildRequest {
  readonly plan: LxcBuildPlan;
  /** A writable copy of the source, with the plan's edits. */
  readonly sourceDir: string;
  /** The folder for its own files, beside `sourceDir`. */
  readonly workDir: string;
  /** The install root for LXC. */
  readonly installDir: string;
  /** The root of the board's libraries, headers and pkg-config files. */
  readonly stagingDir: string;
  readonly toolchain: Toolchain;
  readonly architecture: LxcTarget;
  /** The directories of LXC on the device. */
  readonly directories: LxcDirectories;
  /** The words before the compiler's name: none, or a launcher such as ccache. */
  readonly launcher: readonly string[];
  /** Runs a host tool with additional variables; a `parallel` make or ninja compiles several files at once. */
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

/** Returns the compiler flags of every build; they keep paths of the build host out of the programs. */
export function compilerFlags({ plan, architecture, workDir }: LxcBuildRequest): string[] {
  return [...architecture.sizeFlags, ...plan.cflags, `-ffile-prefix-map=${workDir}=lxc`];
}

/** Returns the linker flags of every build. */
export function linkerFlags({ plan, architecture, directories, stagingDir }: LxcBuildRequest): string[] {
  const path = runPath(directories);
  return [
    ...architecture.sizeLinkerFlags,
    ...plan.ldflags,
    ...(path === undefined ? [] : [`-Wl,-rpath,${path}`]),
    `-Wl,-rpath-link,${stagingDir}/usr/lib`,
  ];
}
