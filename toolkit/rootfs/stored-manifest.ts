import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeAtomic } from '../host/write-atomic.ts';
import type { RootfsEntry, RootfsManifest } from './manifest.ts';

/** The number of entries written at once. */
const LINES_AT_ONCE = 500;

/** Writes a manifest as JSON, with paths relative to `baseDir`, so that the same rootfs gives the same text everywhere. */
export async function writeManifest(file: string, manifest: RootfsManifest, baseDir: string): Promise<void> {
  await writeAtomic(file, manifestText(manifest, baseDir));
}

/** Yields the text in pieces: a manifest of fifty thousand files has ten megabytes and would be in memory three times. */
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

/** Reads a manifest written by `writeManifest`. */
export function readManifest(file: string, baseDir: string): RootfsManifest {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Mutable<RootfsEntry>[];
  const place = cached((source) => join(baseDir, source));
  for (const entry of entries) if (entry.type === 'file') entry.source = place(entry.source);
  return { entries };
}

type Mutable<T> = T extends unknown ? { -readonly [Key in keyof T]: T[Key] } : never;

/** Caches the last result, because thousands of small files have the same source. */
function cached(compute: (source: string) => string): (source: string) => string {
  const known = new Map<string, string>();
  return (source) => {
    const place = known.get(source) ?? compute(source);
    known.set(source, place);
    return place;
  };
}
