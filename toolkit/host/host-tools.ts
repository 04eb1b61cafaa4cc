import { existsSync } from 'node:fs';
import { findProgram } from './find-program.ts';

/** Something that is needed on the host: a program, or a file such as a header. */
export interface HostTool {
  /** The program's name, or the absolute path of a file. */
  readonly name: string;
  /** The Debian package it comes from. */
  readonly debianPackage: string;
  /** For what: "the kernel". */
  readonly neededFor: string;
}

/** Programs for configuring the kernel or BusyBox: their conf is compiled first. */
export const kconfigTools: readonly HostTool[] = [
  { name: 'make', debianPackage: 'make', neededFor: 'the kernel, BusyBox and libcap' },
  { name: 'gcc', debianPackage: 'gcc', neededFor: "the kernel's and BusyBox's own programs on the host" },
  {
    name: '/usr/include/stdio.h',
    debianPackage: 'libc6-dev',
    neededFor: "the kernel's and BusyBox's own programs on the host",
  },
  { name: 'bison', debianPackage: 'bison', neededFor: "the kernel's conf" },
  { name: 'flex', debianPackage: 'flex', neededFor: "the kernel's conf" },
];

/** Further files that `lxc-kit kconfig menuconfig` needs; builds do not use them. */
export const menuTools: readonly HostTool[] = [
  { name: '/usr/include/ncurses.h', debianPackage: 'libncurses-dev', neededFor: 'kconfig menuconfig' },
];

/** Programs that unpack sources. */
export const sourceTools: readonly HostTool[] = [
  { name: 'tar', debianPackage: 'tar', neededFor: 'sources' },
  { name: 'xz', debianPackage: 'xz-utils', neededFor: 'sources' },
  { name: 'bzip2', debianPackage: 'bzip2', neededFor: 'sources' },
];

/** Programs for building the kernel, BusyBox, libcap and LXC, with their Debian packages. Add new ones here. */
export const buildTools: readonly HostTool[] = [
  ...kconfigTools,
  {
    // certs/extract-cert, as soon as anything selects SYSTEM_TRUSTED_KEYRING (cfg80211 does).
    name: '/usr/include/openssl/bio.h',
    debianPackage: 'libssl-dev',
    neededFor: "the kernel's own programs on the host",
  },
  { name: 'bc', debianPackage: 'bc', neededFor: 'the kernel' },
  { name: 'perl', debianPackage: 'perl', neededFor: 'the kernel' },
  ...sourceTools,
];

/** Programs for compiling any release of LXC. */
export const lxcTools: readonly HostTool[] = [
  { name: 'pkg-config', debianPackage: 'pkg-config', neededFor: 'LXC' },
];

/** Programs that LXC 5.0 and later need. */
export const mesonTools: readonly HostTool[] = [
  { name: 'meson', debianPackage: 'meson', neededFor: 'LXC' },
  { name: 'ninja', debianPackage: 'ninja-build', neededFor: 'LXC' },
];

/** Programs for LXC up to 4.0: a tag of its repository has no configure, and lxc-kit edits a release's Makefile.am. */
export const autotoolsTools: readonly HostTool[] = [
  { name: 'autoconf', debianPackage: 'autoconf', neededFor: 'LXC up to 4.0' },
  { name: 'automake', debianPackage: 'automake', neededFor: 'LXC up to 4.0' },
  { name: 'libtoolize', debianPackage: 'libtool', neededFor: 'LXC up to 4.0' },
];

/** Optional tools that are worth installing. */
export const usefulTools: readonly HostTool[] = [
  { name: '/usr/include/libelf.h', debianPackage: 'libelf-dev', neededFor: 'kernels with BTF' },
  { name: 'ccache', debianPackage: 'ccache', neededFor: 'compiling again in seconds' },
];

/** Programs that write images, by name. */
export const imageTools: Readonly<Record<string, HostTool>> = {
  mksquashfs: { name: 'mksquashfs', debianPackage: 'squashfs-tools', neededFor: 'rootfs.squashfs' },
  mke2fs: { name: 'mke2fs', debianPackage: 'e2fsprogs', neededFor: 'rootfs.ext4' },
  debugfs: { name: 'debugfs', debianPackage: 'e2fsprogs', neededFor: 'rootfs.ext4' },
};

/**
 * Programs that a make target of the kernel needs besides the compiler, by the target's name. Source: the kernel's
 * scripts/Makefile.lib (cmd_uimage, cmd_fit, cmd_lzma, …) and arch/mips/boot/Makefile.
 */
const kernelImageTools: readonly {
  readonly target: RegExp;
  readonly name: string;
  readonly debianPackage: string;
}[] = [
  { target: /^uImage|\.itb$|^image\.fit$/, name: 'mkimage', debianPackage: 'u-boot-tools' },
  { target: /\.itb$|^image\.fit$/, name: 'dtc', debianPackage: 'device-tree-compiler' },
  { target: /\.gz(?:\.itb)?$/, name: 'gzip', debianPackage: 'gzip' },
  { target: /\.bz2(?:\.itb)?$/, name: 'bzip2', debianPackage: 'bzip2' },
  { target: /\.lzma(?:\.itb)?$/, name: 'lzma', debianPackage: 'xz-utils' },
  { target: /\.lzo(?:\.itb)?$/, name: 'lzop', debianPackage: 'lzop' },
  { target: /\.lz4(?:\.itb)?$/, name: 'lz4', debianPackage: 'lz4' },
  { target: /\.zst(?:\.itb)?$/, name: 'zstd', debianPackage: 'zstd' },
];

/** The host tools that a boot image needs besides the compiler: mkimage and gzip for `uImage.gz`. */
export function toolsOfKernelImage(target: string): HostTool[] {
  return kernelImageTools
    .filter((row) => row.target.test(target))
    .map(({ name, debianPackage }) => ({ name, debianPackage, neededFor: `kernel.image: ${target}` }));
}

/** For `kernel.modules: keep`. */
export const moduleTools: readonly HostTool[] = [
  { name: 'depmod', debianPackage: 'kmod', neededFor: 'kernel modules' },
];

/** The tools of a list that the host does not have. */
export function missingTools(tools: readonly HostTool[], path: string): HostTool[] {
  return tools.filter(({ name }) =>
    name.startsWith('/') ? !existsSync(name) : findProgram(name, path) === undefined,
  );
}
