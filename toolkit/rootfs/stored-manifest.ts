import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeAtomic } from '../host/write-atomic.ts';
import type { RootfsManifest } from './manifest.ts';

/** Writes a manifest as JSON; the files' bytes are named relative to `baseDir`, so that the same rootfs is the same text anywhere. */
export async function writeManifest(file: string, manifest: RootfsManifest, baseDir: string): Promise<void> {
  const place = cached((source) => relative(baseDir, source));
  const lines = manifest.entries.map((entry) =>
    JSON.stringify(entry.type === 'file' ? { ...entry, source: place(entry.source) } : entry),
  );
  await writeAtomic(file, `[\n${lines.join(',\n')}\n]\n`);
}

/** Reads what `writeManifest` wrote. */
export function readManifest(file: string, baseDir: string): RootfsManifest {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as RootfsManifest['entries'];
  const place = cached((source) => join(baseDir, source));
  return {
    entries: entries.map((entry) =>
      entry.type === 'file' ? { ...entry, source: place(entry.source) } : entry,
    ),
  };
}

/** Small files by the thousand lie in one. */
function cached(compute: (source: string) => string): (source: string) => string {
  const known = new Map<string, string>();
  return (source) => {
    const place = known.get(source) ?? compute(source);
    known.set(source, place);
    return place;
  };
}
