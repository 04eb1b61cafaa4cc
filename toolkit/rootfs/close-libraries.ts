import { posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import { describeElfMismatch, ElfError, readElf, type Elf } from './elf.ts';
import type { FileEntry, RootfsEntry } from './manifest.ts';
import type { RootfsTree } from './rootfs-tree.ts';

export interface LibraryRequest {
  readonly tree: RootfsTree;
  readonly elf: { readonly bits: 32 | 64; readonly littleEndian: boolean; readonly machine: number };
  /** Where the dynamic linker looks by itself. */
  readonly libraryDirs: readonly string[];
  /** Finds a library that is missing, by its name, and gives it as an entry to put in; undefined when there is none. */
  readonly provide: (name: string) => Promise<RootfsEntry | undefined>;
  /** Files of containers that bring their own root; they are looked at for their machine only. */
  readonly containerRoots: readonly string[];
}

/**
 * Checks every ELF file of a rootfs: machine, byte order, and that its dynamic linker and all libraries it needs are there.
 * Missing libraries are put in where `provide` has them. Returns what is still wrong.
 */
export async function closeLibraries(request: LibraryRequest): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = [];
  const seen = new Set<string>();
  const known = new Map<string, Elf | undefined>();
  let open = elfCandidates(request.tree);
  while (open.length > 0) {
    for (const entry of open) {
      seen.add(entry.path);
      try {
        const elf = await readOnce(entry, known);
        if (elf !== undefined) problems.push(...(await checkFile(entry, elf, request)));
      } catch (error) {
        if (!(error instanceof ElfError)) throw error;
        problems.push({ message: error.message });
      }
    }
    open = elfCandidates(request.tree).filter((entry) => !seen.has(entry.path));
  }
  return problems;
}

/** ELF files that are not for the dynamic linker: modules are loaded by the kernel, firmware by other processors. */
const NOT_FOR_THE_LINKER = /\.ko$|^(?:\/usr)?\/lib\/firmware\//;

/** The size of the smallest header that an ELF file can have, in bytes. */
const ELF_HEADER_BYTES = 52;

function elfCandidates(tree: RootfsTree): FileEntry[] {
  return tree
    .entries()
    .filter(
      (entry): entry is FileEntry =>
        entry.type === 'file' && entry.sizeBytes >= ELF_HEADER_BYTES && !NOT_FOR_THE_LINKER.test(entry.path),
    );
}

/** The copies of BusyBox in containers have the same bytes; each content is read once. */
async function readOnce(entry: FileEntry, known: Map<string, Elf | undefined>): Promise<Elf | undefined> {
  if (!known.has(entry.sha256)) known.set(entry.sha256, await readElf(entry.source, entry.path));
  return known.get(entry.sha256);
}

async function checkFile(entry: FileEntry, elf: Elf, request: LibraryRequest): Promise<Diagnostic[]> {
  const mismatch = describeElfMismatch(elf, request.elf);
  if (mismatch !== undefined) return [{ message: `${entry.path} is for another machine: ${mismatch}` }];
  const root = request.containerRoots.find((dir) => entry.path.startsWith(`${dir}/`));
  if (root !== undefined) return [];
  const problems: Diagnostic[] = [];
  if (elf.interpreter !== undefined && !(await isThere(elf.interpreter, request))) {
    problems.push({
      message: `${entry.path} needs the dynamic linker ${elf.interpreter}, which is not in the root filesystem`,
    });
  }
  const origin = posix.dirname(entry.path);
  const ownDirs = elf.runPath.map((dir) => dir.replaceAll(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => origin));
  for (const name of elf.needed) {
    // A name with a slash is a path, which the dynamic linker opens as it stands (ld.so(8)).
    const places = name.includes('/')
      ? [name]
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

async function isThere(path: string, request: LibraryRequest): Promise<boolean> {
  if (request.tree.lookup(path)?.type === 'file') return true;
  const provided = await request.provide(posix.basename(path));
  if (provided === undefined) return false;
  request.tree.put({ ...provided, path });
  return true;
}
