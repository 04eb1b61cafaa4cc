import { hashBytes } from '../host/hash-file.ts';
import type { TreePart } from './unpack.ts';

/** Files of a kernel tree that a build may need although it does not need the rest of their folder. */
interface NeededFiles {
  /** Matches paths relative to the tree. */
  readonly path: RegExp;
  readonly reason: string;
}

/**
 * The other folders of `arch/` that the build of an architecture reads, by its own folder there. An architecture that
 * is not listed gets the whole tree.
 */
const READS: Readonly<Record<string, readonly { readonly folder: string; readonly reason: string }[]>> = {
  mips: [],
  arm: [{ folder: 'arm64', reason: 'device trees of boards with a 32-bit and a 64-bit kernel' }],
  arm64: [
    {
      folder: 'arm',
      reason: 'device trees of boards with a 32-bit and a 64-bit kernel; KVM up to Linux 5.6',
    },
  ],
};

/** Files that the build of any architecture reads of the others. Found by searching Linux 6.1 and 6.12 for `arch/`. */
const READ_BY_ALL: readonly NeededFiles[] = [
  {
    path: /\/Kconfig[^/]*$/,
    reason:
      'crypto/Kconfig and drivers/ras/Kconfig name some; advice names the architectures that have a symbol',
  },
  {
    path: /\/(?:Makefile|Kbuild)[^/]*$|^arch\/[^/]+\/scripts\//,
    reason: 'fs/hostfs/Makefile includes a makefile of um in every build of Linux 6.12; all of them are 1 MB',
  },
  {
    path: /^arch\/x86\/(?:entry\/)?syscalls\/|^arch\/x86\/include\/asm\/unistd_32\.h$/,
    reason: 'scripts/checksyscalls.sh, in every build, compares with the system calls of x86',
  },
  { path: /^arch\/x86\/include\/asm\/intel-family\.h$/, reason: 'include/linux/peci-cpu.h' },
  {
    path: /^arch\/arm\/mach-omap2\/[^/]*\.h$/,
    reason: 'drivers/staging/media/omap4iss, with COMPILE_TEST on any architecture',
  },
  {
    path: /^arch\/sh\/include\/cpu-/,
    reason: 'drivers/pinctrl/renesas, with COMPILE_TEST on any architecture',
  },
];

/** Files that a build reads of Documentation/, which is a ninth of all files. */
const READ_OF_DOCUMENTATION: readonly NeededFiles[] = [
  { path: /\/(?:Kconfig|Makefile)[^/]*$/, reason: 'the top Kconfig and Makefile name some' },
  { path: /\.[ch]$/, reason: 'example programs, which BUILD_DOCSRC compiles up to Linux 4.8' },
];

/** Identifies the tables: a tree unpacked with other tables has other files. */
const TABLES = hashBytes(
  JSON.stringify([READS, READ_BY_ALL, READ_OF_DOCUMENTATION], (_key, value: unknown) =>
    value instanceof RegExp ? value.source : value,
  ),
).slice(0, 8);

/**
 * The part of a kernel tree that a build for an architecture can use: everything except the other architectures'
 * folders and the documentation. `kernelArch` is a folder of `arch/`. Undefined when a part may not be enough.
 */
export function kernelPart(kernelArch: string): TreePart | undefined {
  const reads = Object.entries(READS).find(([name]) => name === kernelArch)?.[1];
  if (reads === undefined) return undefined;
  const folders = new Set([kernelArch, ...reads.map(({ folder }) => folder)]);
  const has = (path: string): boolean => {
    if (path.startsWith('Documentation/')) return names(READ_OF_DOCUMENTATION, path);
    const folder = /^arch\/([^/]+)\//.exec(path)?.[1];
    return folder === undefined || folders.has(folder) || names(READ_BY_ALL, path);
  };
  return { name: `${kernelArch}-${TABLES}`, has };
}

function names(table: readonly NeededFiles[], path: string): boolean {
  return table.some((needed) => needed.path.test(path));
}
