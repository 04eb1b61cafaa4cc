import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderTemplate } from '../base/render-template.ts';
import { walkTree } from '../host/walk-tree.ts';
import type { BlobStore } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';

/** A line of the skeleton's table of directories, links and device nodes; the same shape as `rootfs.files` of a profile. */
export interface TableEntry {
  readonly path: string;
  readonly type: 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'file';
  /** Octal digits. */
  readonly mode?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** `MAJOR:MINOR`. */
  readonly dev?: string | undefined;
  readonly target?: string | undefined;
}

/**
 * Reads the skeleton: its table (`base.yaml`) and its files (`base/`), those that end in `.hbs` rendered with `values`.
 * A file in the table has its bytes in `base/`, and its mode and owner in the table.
 */
export async function readSkeleton(
  skeletonDir: string,
  values: Readonly<Record<string, unknown>>,
  blobs: BlobStore,
): Promise<RootfsEntry[]> {
  const { parse } = await import('yaml');
  const table = parse(readFileSync(join(skeletonDir, 'base.yaml'), 'utf8')) as { entries: TableEntry[] };
  const listed = new Map(table.entries.flatMap((row) => (row.type === 'file' ? [[row.path, row]] : [])));
  const entries: RootfsEntry[] = table.entries.filter(({ type }) => type !== 'file').map(tableEntry);
  const filesDir = join(skeletonDir, 'base');
  for (const { path: file, stat } of await walkTree(filesDir)) {
    if (!stat.isFile()) continue;
    const source = readFileSync(file, 'utf8');
    const text = file.endsWith('.hbs') ? await renderTemplate(source, values, file) : source;
    const path = file.slice(filesDir.length).replace(/\.hbs$/, '');
    // Use the content, not the mode of the checkout, which archives and other file systems lose.
    const { mode, uid, gid } = ownership(
      listed.get(path) ?? { path, type: 'file', mode: text.startsWith('#!') ? '0755' : '0644' },
    );
    entries.push({ path, type: 'file', mode, uid, gid, ...(await blobs.addBytes(text)) });
  }
  return entries;
}

/** Converts an entry of the table to an entry of the rootfs; files need their bytes from elsewhere. */
export function tableEntry(row: TableEntry): RootfsEntry {
  const base = { path: row.path, ...ownership(row) };
  switch (row.type) {
    case 'dir':
    case 'fifo':
      return { ...base, type: row.type };
    case 'symlink':
      return { ...base, type: 'symlink', mode: 0o777, target: row.target ?? '' };
    case 'char':
    case 'block': {
      const [major = 0, minor = 0] = (row.dev ?? '').split(':').map(Number);
      return { ...base, type: row.type, major, minor };
    }
    case 'file':
      throw new Error(`${row.path}: a file needs bytes`);
  }
}

function ownership({ mode = '0777', uid = 0, gid = 0 }: TableEntry): {
  mode: number;
  uid: number;
  gid: number;
} {
  return { mode: parseInt(mode, 8), uid, gid };
}
