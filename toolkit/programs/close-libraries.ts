import { posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';
import type { BoardTrait } from '../toolchain/board-traits.ts';
import { describeElfMismatch, describeTraitMismatch, missingParameters, type ElfMachine } from './elf-fit.ts';
import { ElfError, type Elf } from './elf.ts';
import { isForTheCpu } from './elf-places.ts';
import type { ElfReader } from './elf-reader.ts';

export interface LibraryRequest {
  readonly tree: RootfsTree;
  readonly elf: ElfMachine;
  /** The requirements of the board's CPU, kernel and C library, if known in addition to the machine. */
  readonly traits?: readonly BoardTrait[];
  readonly read: ElfReader;
  /** The default directories of the dynamic linker. */
  readonly libraryDirs: readonly string[];
  /** Returns a missing library by name as a new entry; undefined when there is none. */
  readonly provide: (name: string) => Promise<RootfsEntry | undefined>;
  /**
   * Files of containers with their own root; only their machine is checked here. `checkContainerPrograms` checks their
   * started programs and libraries.
   */
  readonly containerRoots: readonly string[];
  /** Receives warnings that depend on the boot loader: programs that need a kernel parameter. */
  readonly warn?: (warning: Diagnostic) => void;
}

/** A problem of an ELF file on the board. */
export interface ElfProblem extends Diagnostic {
  /** The path on the device. */
  readonly path: string;
}

/**
 * Checks every program and library of a root filesystem: machine, byte order, ABI, instruction set, NaN encoding, and that
 * its dynamic linker and all libraries it needs exist. Adds missing libraries that `provide` has. Returns all problems.
 */
export async function closeLibraries(request: LibraryRequest): Promise<ElfProblem[]> {
  const problems: ElfProblem[] = [];
  const seen = new Set<string>();
  /** Files that need a kernel parameter, by the parameters. */
  const emulated = new Map<string, string[]>();
  let open = elfCandidates(request.tree);
  while (open.length > 0) {
    for (const entry of open) {
      seen.add(entry.path);
      try {
        const elf = await request.read(entry);
        if (elf !== undefined && isForTheCpu(entry, elf)) {
          const found = await checkFile(entry, elf, request);
          const parameters = missingParameters(elf, request.traits ?? []).join(' ');
          if (found.length === 0 && parameters !== '')
            emulated.set(parameters, [...(emulated.get(parameters) ?? []), entry.path]);
          problems.push(...found.map((problem) => ({ ...problem, path: entry.path })));
        }
      } catch (error) {
        if (!(error instanceof ElfError)) throw error;
        if (isForTheCpu(entry)) problems.push({ path: entry.path, message: error.message });
      }
    }
    open = elfCandidates(request.tree).filter((entry) => !seen.has(entry.path));
  }
  for (const [parameters, paths] of emulated) request.warn?.(emulationWarning(parameters, paths));
  return problems;
}

function emulationWarning(parameters: string, [first = '', ...others]: readonly string[]): Diagnostic {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return {
    message: `${first}${more} runs on this kernel only with ${parameters} on its command line, which CONFIG_CMDLINE does not have`,
    help: `let the boot loader pass ${parameters}, or add it to CONFIG_CMDLINE`,
  };
}

/** The size of the smallest ELF header, in bytes. */
const ELF_HEADER_BYTES = 52;

function elfCandidates(tree: RootfsTree): FileEntry[] {
  return tree
    .entries()
    .filter((entry): entry is FileEntry => entry.type === 'file' && entry.sizeBytes >= ELF_HEADER_BYTES);
}

async function checkFile(entry: FileEntry, elf: Elf, request: LibraryRequest): Promise<Diagnostic[]> {
  const mismatch = describeElfMismatch(elf, request.elf);
  if (mismatch !== undefined) return [{ message: `${entry.path} is for another machine: ${mismatch}` }];
  const trait = describeTraitMismatch(elf, request.traits ?? []);
  if (trait !== undefined) {
    const help = 'build it with the compiler flags of toolchain.cflags';
    return [{ message: `${entry.path} does not run on the board: ${trait}`, help }];
  }
  const root = request.containerRoots.find((dir) => entry.path.startsWith(`${dir}/`));
  if (root !== undefined) return [];
  const problems: Diagnostic[] = [];
  if (elf.interpreter !== undefined && !(await isThere(elf.interpreter, request))) {
    problems.push({
      message: `${entry.path} needs the dynamic linker ${elf.interpreter}, which is not in the root filesystem`,
    });
  }
  const origin = posix.dirname(entry.path);
  const ownDirs = [...(elf.runPath ?? []), ...elf.rpath].map((dir) => dir.replaceAll(ORIGIN, () => origin));
  for (const name of elf.needed) {
    // A name with a slash is a path, which the dynamic linker opens directly (ld.so(8)).
    const places = name.includes('/')
      ? [name.replaceAll(ORIGIN, () => origin)]
      : [...ownDirs, ...request.libraryDirs].filter(Boolean).map((dir) => `${dir}/${name}`);
    if (places.some((place) => request.tree.lookup(place)?.type === 'file')) continue;
    const provided = await request.provide(name);
    if (provided === undefined)
      problems.push({
        message: `${entry.path} needs the library ${name}, which is not in the root filesystem`,
      });
    else request.tree.put(provided);
  }
  return problems;
}

/** The directory of the file that names it; ld.so(8), "Rpath token expansion". */
export const ORIGIN = /\$(?:ORIGIN\b|\{ORIGIN\})/g;

async function isThere(path: string, request: LibraryRequest): Promise<boolean> {
  if (request.tree.lookup(path)?.type === 'file') return true;
  const provided = await request.provide(posix.basename(path));
  if (provided === undefined) return false;
  request.tree.put({ ...provided, path });
  return true;
}
