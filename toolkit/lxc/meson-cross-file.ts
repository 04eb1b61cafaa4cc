import { KitError } from '../base/errors.ts';
import type { LxcTarget } from './lxc-builder.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';

export interface CrossFileRequest {
  readonly toolchain: Toolchain;
  readonly architecture: LxcTarget;
  /** The staging folder of the board's libraries and their pkg-config files. */
  readonly stagingDir: string;
  readonly cflags: readonly string[];
  readonly ldflags: readonly string[];
  /** The words before the compiler's name: none, or a launcher such as ccache. */
  readonly launcher: readonly string[];
}

/** Returns a meson cross file (meson manual, "Cross compilation"). Throws STEP_FAILED for strings that cannot be quoted. */
export function mesonCrossFile(request: CrossFileRequest): string {
  const { toolchain, architecture, stagingDir } = request;
  const compiler = [
    ...request.launcher,
    `${toolchain.prefix}gcc`,
    // Makes meson treat the folder as one of the linker's own. Otherwise it writes the path into the programs, and later
    // removes its use, but not its text (rpaths_for_non_system_absolute_shared_libraries in its backends.py).
    `-B${stagingDir}/usr/lib`,
  ];
  return `[binaries]
c = ${list(compiler)}
ar = ${list([`${toolchain.prefix}ar`])}
strip = ${list([`${toolchain.prefix}strip`])}
pkgconfig = 'pkg-config'
pkg-config = 'pkg-config'

[properties]
sys_root = ${quote(stagingDir)}
pkg_config_libdir = ${list([`${stagingDir}/usr/lib/pkgconfig`])}

[built-in options]
c_args = ${list([...toolchain.cflags, ...request.cflags, `-I${stagingDir}/usr/include`])}
c_link_args = ${list([`-L${stagingDir}/usr/lib`, ...request.ldflags])}

[host_machine]
system = 'linux'
cpu_family = '${architecture.meson.cpuFamily}'
cpu = '${architecture.meson.cpu}'
endian = '${architecture.meson.endian}'
`;
}

function list(words: readonly string[]): string {
  return `[${words.map(quote).join(', ')}]`;
}

/**
 * Quotes a string for a machine file. Unlike in meson.build, a backslash has no special meaning, and a quote cannot be
 * escaped but needs a string with three quotes (mesonbuild's MachineFileParser doubles every backslash before parsing).
 */
function quote(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!/^'|'$|'''|\\/.test(text)) return `'''${text}'''`;
  throw new KitError('STEP_FAILED', `${text} cannot be written in a meson cross file because of its quotes`, {
    hint: 'choose another folder with --out, or other cflags in the profile',
  });
}
