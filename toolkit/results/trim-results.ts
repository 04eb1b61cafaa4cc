import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';

const GIB = 1 << 30;

/** The default of `LXC_KIT_STORE_LIMIT`: a kernel, LXC and BusyBox take some 20 MB. */
export const DEFAULT_LIMIT_BYTES = 10 * GIB;

/** A clean-up leaves room for a while. */
const KEPT_SHARE = 0.9;

/** A process that is writing a file renames it within a few minutes. */
const IN_USE_MS = 60 * 60 * 1000;

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1 << 10, M: 1 << 20, G: GIB, T: GIB * 1024 };

/** Reads a size in bytes: `10G`, `500M`, `0`. Throws USAGE. */
export function readLimit(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_LIMIT_BYTES;
  const [, digits, unit] = /^(\d{1,12})([KMGT]?)$/i.exec(text) ?? [];
  if (digits !== undefined && unit !== undefined) return Number(digits) * (UNITS[unit.toUpperCase()] ?? 1);
  throw new KitError('USAGE', `LXC_KIT_STORE_LIMIT is "${text}", which is not a valid size`, {
    hint: 'write it as 10G, 500M or a number of bytes',
  });
}

/**
 * Removes the least recently used files until all results together take less than the limit; files written within the
 * last hour stay. Partial files of killed processes always go. An entry whose files are gone counts as missing when it
 * is looked up.
 */
export async function trimResults(storeDir: string, limitBytes: number): Promise<void> {
  const dir = inStore(storeDir, 'results');
  const files: StoredFile[] = [];
  for (const one of await filesBelow(dir)) {
    // Left by a process that was killed while writing it.
    if (basename(one.file).startsWith('.') && isOld(one)) await remove(one.file);
    else files.push(one);
  }
  let total = files.reduce((sum, { size }) => sum + size, 0);
  if (total <= limitBytes) return;
  const oldest = files.filter(isOld).sort((a, b) => a.usedMs - b.usedMs);
  for (const { file, size } of oldest) {
    if (total <= limitBytes * KEPT_SHARE) return;
    if (await remove(file)) total -= size;
  }
}

/** False for a file in a directory that only another user may write to: that user has to remove it. */
async function remove(file: string): Promise<boolean> {
  return rm(file, { force: true }).then(
    () => true,
    () => false,
  );
}

function isOld({ usedMs }: StoredFile): boolean {
  return Date.now() - usedMs > IN_USE_MS;
}

interface StoredFile {
  readonly file: string;
  readonly size: number;
  /** Using a file sets its time. */
  readonly usedMs: number;
}

async function filesBelow(dir: string): Promise<StoredFile[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const stats = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size, mtimeMs }) => [{ file, size, usedMs: mtimeMs }],
        () => [],
      ),
    ),
  );
  return stats.flat();
}
