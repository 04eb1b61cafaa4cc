import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeAtomic } from '../host/write-atomic.ts';
import type { RootfsManifest } from './manifest.ts';

/** Writes a manifest as JSON; the files' bytes are named relative to `baseDir`, so that the same rootfs is the same text anywhere. */
export async function writeManifest(file: string, manifest: RootfsManifest, baseDir: string): Promise<void> {
  const entries = manifest.entries.map((entry) =>
    entry.type === 'file' ? { ...entry, source: relative(baseDir, entry.source) } : entry,
  );
  await writeAtomic(file, `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`);
}

/** Reads what `writeManifest` wrote. */
export function readManifest(file: string, baseDir: string): RootfsManifest {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as RootfsManifest['entries'];
  return {
    entries: entries.map((entry) =>
      entry.type === 'file' ? { ...entry, source: join(baseDir, entry.source) } : entry,
    ),
  };
}
