import { posix } from 'node:path';
import type { FileEntry } from '../rootfs/manifest.ts';
import type { Elf } from './elf.ts';

/** ELF files that are no programs: other processors load firmware, boot loaders kernels, debuggers debug files. */
const NOT_FOR_THE_CPU = /\/firmware\/|\/boot\/|\/usr\/lib\/debug\/|\.debug$|\.k?o$/;

/** Where every file is a program, executable or not. */
const PROGRAM_FOLDER = /\/(?:s?bin|libexec)\//;

const LIBRARY_NAME = /\.so(?:\.|$)/;

/** EM_BPF: what the kernel's own virtual machine runs. */
const EM_BPF = 247;

/**
 * Whether an ELF file is a program or a library for the board's CPU. Objects and kernel modules, core files, BPF programs,
 * firmware and debug files are not; nor is what lies elsewhere than programs do and is not executable, such as the image
 * of a signal processor below /opt. `elf` is undefined for a file that is too damaged to be read.
 */
export function isForTheCpu({ path, mode }: FileEntry, elf?: Elf): boolean {
  if (NOT_FOR_THE_CPU.test(path)) return false;
  if (elf !== undefined && (!['program', 'shared'].includes(elf.type) || elf.machine === EM_BPF))
    return false;
  return (mode & 0o111) !== 0 || PROGRAM_FOLDER.test(path) || LIBRARY_NAME.test(posix.basename(path));
}
