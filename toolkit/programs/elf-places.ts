import { posix } from 'node:path';
import type { FileEntry } from '../rootfs/manifest.ts';
import type { Elf } from './elf.ts';

/** ELF files that are not programs: firmware for other processors, kernels for boot loaders, debug files. */
const NOT_FOR_THE_CPU = /\/firmware\/|\/boot\/|\/usr\/lib\/debug\/|\.debug$|\.k?o$/;

/** Folders in which every file is a program, executable or not. */
const PROGRAM_FOLDER = /\/(?:s?bin|libexec)\//;

const LIBRARY_NAME = /\.so(?:\.|$)/;

/** EM_BPF: programs for the kernel's own virtual machine. */
const EM_BPF = 247;

/**
 * Whether an ELF file is a program or a library for the board's CPU. Objects and kernel modules, core files, BPF programs,
 * firmware and debug files are not; nor are files outside program folders that are not executable, such as the image of
 * a signal processor below /opt. `elf` is undefined for a file that is too damaged to read.
 */
export function isForTheCpu({ path, mode }: FileEntry, elf?: Elf): boolean {
  if (NOT_FOR_THE_CPU.test(path)) return false;
  if (elf !== undefined && (!['program', 'shared'].includes(elf.type) || elf.machine === EM_BPF))
    return false;
  return (mode & 0o111) !== 0 || PROGRAM_FOLDER.test(path) || LIBRARY_NAME.test(posix.basename(path));
}
