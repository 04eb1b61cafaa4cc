import { KitError } from '../base/errors.ts';
import type { Architecture } from '../toolchain/architectures.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';

export interface CrossFileRequest {
  readonly toolchain: Toolchain;
  readonly architecture: Architecture;
  /** Where the libraries for the board are staged, with their pkg-config files. */
  readonly stagingDir: string;
  readonly cflags: readonly string[];
  readonly ldflags: readonly string[];
  /** What stands before the compiler's name: nothing, or a launcher such as ccache. */
  readonly launcher: readonly string[];
}

/** The text of a meson cross file (meson manual, "Cross compilation"). Throws STEP_FAILED for what cannot be written in one. */
export function mesonCrossFile(request: CrossFileRequest): string {
  const { toolchain, architecture, stagingDir } = request;
  const compiler = [
    ...request.launcher,
    `${toolchain.prefix}gcc`,
    // Makes meson take the place for one of the linker's own. Of others it writes the path into the programs, and takes
    // back that it is used, but not its text (rpaths_for_non_system_absolute_shared_libraries in its backends.py).
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
 * A string of a machine file. A backslash is just that there, unlike in meson.build, and a quote cannot be escaped, but
 * stand in a string with three quotes (mesonbuild's MachineFileParser doubles every backslash before it parses).
 */
function quote(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!/^'|'$|'''|\\/.test(text)) return `'''${text}'''`;
  throw new KitError('STEP_FAILED', `meson cannot be told of ${text}: it has quotes that cannot be written`, {
    hint: 'give another place with --out, or other cflags in the profile',
  });
}
