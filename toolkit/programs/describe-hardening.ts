import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import type { ElfReader } from './elf-reader.ts';

/** How a program or library of the image is hardened. Undefined for a static program, which is stripped of its names. */
export interface HardenedProgram {
  readonly path: string;
  readonly kind: 'program' | 'static program' | 'library';
  readonly pie: boolean;
  /** `partial`: functions are looked up later, in tables that stay writable. */
  readonly relro: 'full' | 'partial' | 'no';
  readonly 'executable-stack': boolean;
  readonly 'stack-protector'?: boolean;
  readonly fortify?: boolean;
}

/** Describes every program and library among the entries, outside some directories, in the order of their paths. */
export async function describeHardening(
  entries: readonly RootfsEntry[],
  read: ElfReader,
  without: readonly string[],
): Promise<HardenedProgram[]> {
  const files = entries.filter(
    (entry): entry is FileEntry =>
      entry.type === 'file' && !without.some((dir) => entry.path.startsWith(`${dir}/`)),
  );
  const described: HardenedProgram[] = [];
  for (const entry of files) {
    const elf = await read(entry);
    if (elf === undefined || (elf.type !== 'program' && elf.type !== 'shared')) continue;
    const { executableStack, relro, bindNow, pie, stackProtector, fortify } = elf.hardening;
    const isStatic = elf.interpreter === undefined && (elf.type === 'program' || pie);
    described.push({
      path: entry.path,
      kind: isStatic ? 'static program' : elf.interpreter === undefined ? 'library' : 'program',
      pie,
      relro: relro ? (bindNow || isStatic ? 'full' : 'partial') : 'no',
      'executable-stack': executableStack,
      ...(stackProtector === undefined ? {} : { 'stack-protector': stackProtector }),
      ...(fortify === undefined ? {} : { fortify }),
    });
  }
  return described;
}
