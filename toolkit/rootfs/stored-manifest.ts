import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeAtomic } from '../host/write-atomic.ts';
import type { RootfsEntry, RootfsManifest } from './manifest.ts';

/** Entries that are written at once. */
const LINES_AT_ONCE = 500;

/** Writes a manifest as JSON; the files' bytes are named relative to `baseDir`, so that the same rootfs is the same text anywhere. */
export async function writeManifest(file: string, manifest: RootfsManifest, baseDir: string): Promise<void> {
  await writeAtomic(file, manifestText(manifest, baseDir));
}

/** In pieces: a manifest of fifty thousand files is ten megabytes, and would be there three times. */
function* manifestText({ entries }: RootfsManifest, baseDir: string): Iterable<string> {
  const place = cached((source) => relative(baseDir, source));
  yield '[\n';
  for (let start = 0; start < entries.length; start += LINES_AT_ONCE) {
    const lines = entries
      .slice(start, start + LINES_AT_ONCE)
      .map((entry) =>
        JSON.stringify(entry.type === 'file' ? { ...entry, source: place(entry.source) } : entry),
      );
    yield `${start === 0 ? '' : ',\n'}${lines.join(',\n')}`;
  }
  yield '\n]\n';
}

/** Reads what `writeManifest` wrote. */
export function readManifest(file: string, baseDir: string): RootfsManifest {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Mutable<RootfsEntry>[];
  const place = cached((source) => join(baseDir, source));
  for (const entry of entries) if (entry.type === 'file') entry.source = place(entry.source);
  return { entries };
}

type Mutable<T> = T extends unknown ? { -readonly [Key in keyof T]: T[Key] } : never;

/** Small files by the thousand lie in one. */
function cached(compute: (source: string) => string): (source: string) => string {
  const known = new Map<string, string>();
  return (source) => {
    const place = known.get(source) ?? compute(source);
    known.set(source, place);
    return place;
  };
}
