import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { ReadEntry } from 'tar';
import { systemErrorCode } from '../base/errors.ts';
import type { ArchiveEntry, EntryGuard } from './entry-guard.ts';

export interface WriteOptions {
  readonly guard: EntryGuard;
  /** Returns the permission bits of a file or directory from those in the archive (0o7777 at most). */
  readonly modeOf: (mode: number, kind: 'dir' | 'file', path: string) => number;
  /** Selects the entries to write by path. */
  readonly wanted?: (path: string) => boolean;
}

/** Writes the entries of one archive below a directory. */
export interface EntryWriter {
  /** Paths of the regular files so far. */
  readonly files: string[];
  /** Throws ARCHIVE_HOSTILE, or an error of the file system. */
  write(entry: ReadEntry): void;
  /** Sets the modes of the directories; at the end, because a directory may be read-only. */
  finish(): void;
  close(): void;
}

/** Creates the file, follows no link, overwrites nothing. */
const NEW_FILE = fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW;

/**
 * Entries are written here and not by tar's own `Unpack`, which silently corrects a hostile archive and takes four
 * times as long for a kernel tree (80000 files), because its calls are not synchronous.
 * Owners are ignored; files keep their times, because `make` of an autotools tree depends on them.
 */
export function entryWriter(dir: string, options: WriteOptions): EntryWriter {
  const { guard, modeOf } = options;
  const files: string[] = [];
  const directories = new Map<string, number>();
  let openFile: number | undefined;

  function makeDirectory(path: string, mode?: number): void {
    if (!directories.has(path)) {
      if (path !== '') makeDirectory(parentOf(path));
      fs.mkdirSync(join(dir, path), { recursive: true });
      directories.set(path, 0o755);
    }
    if (mode !== undefined) directories.set(path, mode);
  }

  function writeFile(path: string, entry: ReadEntry): void {
    const descriptor = openNew(join(dir, path));
    openFile = descriptor;
    const seconds = (entry.mtime?.getTime() ?? 0) / 1000;
    entry.on('data', (chunk: Buffer) => {
      for (let done = 0; done < chunk.length;) done += fs.writeSync(descriptor, chunk, done);
    });
    entry.on('end', () => {
      fs.fchmodSync(descriptor, modeOf((entry.mode ?? 0o644) & 0o7777, 'file', path));
      fs.futimesSync(descriptor, seconds, seconds);
      fs.closeSync(descriptor);
      openFile = undefined;
    });
    files.push(path);
  }

  function write(entry: ReadEntry): void {
    const archived = asArchiveEntry(entry);
    const path = guard.admit(archived);
    if (options.wanted?.(path) === false) return entry.resume();
    if (archived.kind === 'dir') makeDirectory(path, (entry.mode ?? 0o755) & 0o7777);
    else makeDirectory(parentOf(path));
    if (archived.kind === 'file') return writeFile(path, entry);
    if (archived.kind === 'symlink') fs.symlinkSync(archived.linkTarget ?? '', join(dir, path));
    if (archived.kind === 'hardlink') {
      replacing(join(dir, path), (file) => fs.linkSync(join(dir, archived.linkTarget ?? ''), file));
      files.push(path);
    }
    entry.resume();
  }

  return {
    files,
    write,
    finish: () => {
      for (const [path, mode] of directories) {
        // The caller makes the directory itself.
        if (path !== '') fs.chmodSync(join(dir, path), modeOf(mode, 'dir', path));
      }
    },
    close: () => {
      if (openFile !== undefined) fs.closeSync(openFile);
      openFile = undefined;
    },
  };
}

function asArchiveEntry(entry: ReadEntry): ArchiveEntry {
  const { path, linkpath: linkTarget = '' } = entry;
  switch (entry.type) {
    case 'Directory':
    case 'GNUDumpDir':
      return { path, kind: 'dir' };
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      return { path, kind: 'file' };
    case 'SymbolicLink':
      return { path, kind: 'symlink', linkTarget };
    case 'Link':
      return { path, kind: 'hardlink', linkTarget };
    default:
      return { path, kind: 'special' };
  }
}

function openNew(file: string): number {
  return replacing(file, () => fs.openSync(file, NEW_FILE, 0o600));
}

/** Creates a file; a second entry with the same path replaces the first, as with every tar. */
function replacing<T>(file: string, create: (file: string) => T): T {
  try {
    return create(file);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    fs.unlinkSync(file);
    return create(file);
  }
}

function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' ? '' : parent;
}
