import { join } from 'node:path';
import { parse } from 'yaml';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import { checkContainerPrograms } from '../../../toolkit/programs/check-container-programs.ts';
import { elfReader } from '../../../toolkit/programs/elf-reader.ts';
import type { SeenMount } from '../../../toolkit/programs/root-view.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { openContent } from '../../../toolkit/rootfs/content-kinds.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { seenMounts } from '../../../toolkit/containers/seen-mounts.ts';
import { mipsLinkTraits } from '../../../toolkit/toolchain/mips-traits.ts';
import { makeElf, type ElfOptions } from '../../rigs/make-elf.ts';
import { scratchDir } from '../scratch.ts';

/** A file by its text, its bytes or as an ELF file; a link by its target; `mode` where it is not 0755. */
export type MadeEntry =
  | string
  | Buffer
  | (ElfOptions & { readonly mode?: number })
  | { readonly link: string }
  | { readonly text: string; readonly mode: number };

/** A root filesystem of made up files. */
export async function treeOf(files: Readonly<Record<string, MadeEntry>>): Promise<RootfsTree> {
  const blobs = new BlobStore(join(scratchDir(), 'blobs'));
  const tree = new RootfsTree();
  for (const [path, made] of Object.entries(files)) tree.put(await entryOf(path, made, blobs));
  return tree;
}

async function entryOf(path: string, made: MadeEntry, blobs: BlobStore): Promise<RootfsEntry> {
  const base = { path, uid: 0, gid: 0, mode: 0o755 };
  if (path.endsWith('/')) return { ...base, path: path.slice(0, -1), type: 'dir' };
  if (typeof made === 'string' || Buffer.isBuffer(made))
    return { ...base, type: 'file', ...(await blobs.addBytes(made)) };
  if ('link' in made) return { ...base, mode: 0o777, type: 'symlink', target: made.link };
  const bytes = 'text' in made ? Buffer.from(made.text) : makeElf({ content: path, ...made });
  return { ...base, mode: made.mode ?? 0o755, type: 'file', ...(await blobs.addBytes(bytes)) };
}

export const library = (soname: string, more: Partial<ElfOptions> = {}): ElfOptions => ({
  kind: 'shared',
  soname,
  ...more,
});

export const program = (...needed: string[]): ElfOptions => ({ kind: 'exec', needed });

/** BusyBox, a shell, and the C library as a device has them. */
export const DEVICE: Readonly<Record<string, MadeEntry>> = {
  '/bin/busybox': { kind: 'static' },
  '/bin/sh': { link: 'busybox' },
  '/usr/bin/env': { link: '../../bin/busybox' },
  '/lib/ld-2.36.so': library('ld.so.1', { definesVersions: ['GLIBC_PRIVATE'] }),
  '/lib/ld.so.1': { link: 'ld-2.36.so' },
  '/lib/libc.so.6': library('libc.so.6', {
    needed: ['ld.so.1'],
    definesVersions: ['GLIBC_2.0', 'GLIBC_2.34'],
    needsVersions: { 'ld.so.1': ['GLIBC_PRIVATE'] },
  }),
};

/** Findings about the programs that one container of a device starts. */
export async function findingsOf(
  yaml: string,
  files: Readonly<Record<string, MadeEntry>>,
  more: readonly SeenMount[] = [],
): Promise<{ errors: string[]; warnings: string[] }> {
  const container = containerSchema.parse(parse(yaml));
  const tree = await treeOf({ ...DEVICE, ...files });
  const texts = (path: string): string[] | undefined => {
    const text = files[path];
    return typeof text === 'string' ? [text] : undefined;
  };
  const mounts = seenMounts(container, tree.manifest(), texts);
  const { errors, warnings } = await checkContainerPrograms({
    tree,
    containers: [
      {
        container,
        contentPath: openContent(container.rootfs.from)?.path,
        mounts: mounts && [...mounts, ...more],
        locate: () => undefined,
      },
    ],
    linkTraits: mipsLinkTraits,
    read: elfReader(),
  });
  return { errors: errors.map(formatDiagnostic), warnings: warnings.map(formatDiagnostic) };
}

export async function errorsOf(yaml: string, files: Readonly<Record<string, MadeEntry>>): Promise<string[]> {
  const { errors, warnings } = await findingsOf(yaml, files);
  if (warnings.length > 0) throw new Error(`warnings: ${warnings.join('\n')}`);
  return errors;
}
