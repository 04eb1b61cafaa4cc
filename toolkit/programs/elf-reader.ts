import { PartReader } from '../host/file-part.ts';
import type { FileEntry } from '../rootfs/manifest.ts';
import { readElf, type Elf } from './elf.ts';

/** Reads the headers of a file of a root filesystem; undefined when it is not ELF. Throws an ElfError when it is damaged. */
export type ElfReader = (entry: FileEntry) => Promise<Elf | undefined>;

/** Reads each content once: the copies of BusyBox in containers have the same bytes. */
export function elfReader(): ElfReader {
  const known = new Map<string, Elf | undefined>();
  const parts = new PartReader();
  return async (entry) => {
    // There are tens of thousands of small files, and hardly any is a program.
    if (entry.offset !== undefined && parts.read(entry, 4).toString('latin1') !== '\x7fELF') return undefined;
    if (!known.has(entry.sha256)) known.set(entry.sha256, await readElf(entry, entry.path));
    return known.get(entry.sha256);
  };
}
