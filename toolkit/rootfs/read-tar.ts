import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Parser, ReadEntry } from 'tar';
import type { Blob, BlobStore, BlobWriter } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';
import { KitError, errorMessage } from '../base/errors.ts';

/** An entry of the archive, in order; its bytes are in the store. */
interface ArchiveRecord {
  readonly entry: ReadEntry;
  readonly blob: Blob | undefined;
}

/** The largest user or group number of Linux; -1 means none (credentials(7), chown(2)). */
const MAX_ID = 4_294_967_294;

/** The largest device numbers (the kernel's include/linux/kdev_t.h). */
const MAX_MAJOR = 4095;
const MAX_MINOR = 1_048_575;

/** The kernel's limits for a path and for a name in it, in bytes (include/uapi/linux/limits.h). */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;

/** More than any container on a device has; a few kilobytes of gzip can be any number of zeros. */
const MAX_ENTRIES = 1_000_000;
const MAX_TOTAL_BYTES = 8 * 1024 ** 3;

/** The maximum number of problems shown. */
const MAX_PROBLEMS = 20;

/**
 * Reads the entries of a tar file (plain or gzip) below `prefix`, with its owners, modes and device nodes.
 * Throws ARCHIVE_BROKEN for a file that is not a tar file or is truncated, ARCHIVE_HOSTILE for names that lead out of it
 * and for entries that no file system can have.
 */
export async function readTar(
  file: string,
  blobs: BlobStore,
  prefix: string,
  signal?: AbortSignal,
): Promise<RootfsEntry[]> {
  const entries = new Map<string, RootfsEntry>();
  const problems: string[] = [];
  // In order: a hard link refers to an earlier entry, and of two entries with the same name the last one counts.
  for await (const record of readRecords(file, blobs)) {
    signal?.throwIfAborted();
    try {
      const { path, ...rest } = asHeader(record.entry, prefix);
      const converted = convert(record, path, rest);
      if (converted === undefined) continue;
      entries.delete(path);
      entries.set(path, converted);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(error.message);
    }
  }
  problems.push(...belowNoDirectory(entries));
  if (problems.length > 0) {
    const more = problems.length - MAX_PROBLEMS;
    const lines = more > 1 ? [...problems.slice(0, MAX_PROBLEMS), `${more} more such entries`] : problems;
    throw new KitError('ARCHIVE_HOSTILE', `${file} cannot be the rootfs of a container`, { lines });
  }
  return [...entries.values()];

  function convert(
    { entry, blob }: ArchiveRecord,
    path: string,
    rest: Omit<ReturnType<typeof asHeader>, 'path'>,
  ): RootfsEntry | undefined {
    const base = { path, ...rest };
    switch (entry.type) {
      case 'Directory':
      case 'GNUDumpDir':
        return { ...base, type: 'dir' };
      case 'SymbolicLink':
        return { ...base, mode: 0o777, type: 'symlink', target: targetOf(entry) };
      case 'Link': {
        const target = entries.get(insidePath(entry.linkpath ?? '', prefix));
        if (target?.type === 'file') return { ...target, path };
        throw new Refusal(
          `${entry.path} is a hard link to ${entry.linkpath ?? ''}, which is not in the archive before it`,
        );
      }
      case 'CharacterDevice':
      case 'BlockDevice': {
        const { devmaj, devmin } = entry.header;
        const type = entry.type === 'BlockDevice' ? 'block' : 'char';
        return {
          ...base,
          type,
          major: numberOf(entry, 'device number', devmaj, MAX_MAJOR),
          minor: numberOf(entry, 'device number', devmin, MAX_MINOR),
        };
      }
      case 'FIFO':
        return { ...base, type: 'fifo' };
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        if (blob === undefined) throw new Error(`${entry.path} has no bytes`);
        return { ...base, type: 'file', ...blob };
      default:
        return undefined;
    }
  }
}

/** Thrown for an entry that an archive must not contain. */
class Refusal extends Error {}

/**
 * Yields the entries in order. The parser works synchronously: it writes the bytes of a file to disk before it reads the
 * next piece of the archive, and the entries of a piece are yielded after it.
 */
async function* readRecords(file: string, blobs: BlobStore): AsyncGenerator<ArchiveRecord> {
  const { Parser } = await import('tar');
  const whole: ArchiveRecord[] = [];
  const unfinished = new Set<BlobWriter>();
  let failure: unknown;
  let count = 0;
  let total = 0;
  const watched: Watched = { trouble: undefined, ended: false };
  const guarded = (act: () => void): void => {
    if (failure !== undefined || watched.trouble !== undefined) return;
    try {
      act();
    } catch (error) {
      failure = error;
    }
  };
  const parser = new Parser({
    onReadEntry: (entry) => {
      if (++count > MAX_ENTRIES) watched.trouble ??= `it has more than ${MAX_ENTRIES} entries`;
      const isFile = ['File', 'OldFile', 'ContiguousFile'].includes(entry.type);
      let writer: BlobWriter | undefined;
      guarded(() => {
        if (isFile) unfinished.add((writer = blobs.open()));
      });
      entry.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total > MAX_TOTAL_BYTES) watched.trouble ??= `it holds more than ${MAX_TOTAL_BYTES} bytes`;
        guarded(() => writer?.write(chunk));
      });
      entry.on('end', () => {
        guarded(() => {
          whole.push({ entry, blob: writer?.finish() });
          if (writer !== undefined) unfinished.delete(writer);
        });
      });
    },
  });
  watchParser(parser, watched);
  const check = (): void => {
    if (failure !== undefined) throw failure as Error;
    if (watched.trouble !== undefined) throw broken(file, watched.trouble);
  };
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
      throw broken(file, 'it is not a regular file');
    for await (const chunk of readPieces(file)) {
      parser.write(chunk);
      check();
      yield* whole.splice(0);
    }
    parser.end();
    check();
    if (!watched.ended) throw broken(file, 'it ends in the middle');
    yield* whole.splice(0);
  } catch (error) {
    throw error instanceof KitError || error === failure ? error : broken(file, errorMessage(error));
  } finally {
    for (const writer of unfinished) writer.discard();
  }
}

/** The number of bytes of a plain archive read at once. */
const PIECE = 1 << 18;
/** The same for a compressed archive: small, because gzip expands it up to a thousandfold, and zstd more. */
const COMPRESSED_PIECE = 1 << 14;
/** The mark of a plain archive, in the header of its first entry (POSIX.1-2001, pax, "ustar Interchange Format"). */
const MAGIC = { text: 'ustar', offset: 257 };

async function* readPieces(file: string): AsyncGenerator<Buffer, void, undefined> {
  const handle = await open(file);
  try {
    let wanted = COMPRESSED_PIECE;
    for (let first = true; ; first = false) {
      // A new buffer each time, because the parser keeps unused bytes.
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, null);
      if (bytesRead === 0) return;
      const piece = buffer.subarray(0, bytesRead);
      if (first && piece.indexOf(MAGIC.text, MAGIC.offset, 'latin1') === MAGIC.offset) wanted = PIECE;
      yield piece;
    }
  } finally {
    await handle.close();
  }
}

interface Watched {
  trouble: string | undefined;
  ended: boolean;
}

/** Records the first problem of an archive, and whether its end was seen. */
function watchParser(parser: Parser, watched: Watched): void {
  const note = (message: string): void => {
    watched.trouble ??= message;
  };
  parser.on('warn', (_code: string, message: string | Error) => note(errorMessage(message)));
  parser.on('error', (error: unknown) => note(errorMessage(error)));
  parser.on('ignoredEntry', ({ type, path }: ReadEntry) =>
    note(`${path} is an entry of the kind ${type}, which is not supported`),
  );
  parser.on('meta', (text: string) => {
    // The parser does not support sparse files of GNU tar; their content would be wrong.
    if (/^\d+ GNU\.sparse\./m.test(text)) note('it holds sparse files, which are not supported');
  });
  parser.on('entry', () => (watched.ended = false));
  parser.on('nullBlock', () => (watched.ended = true));
}

function broken(file: string, why: string): KitError {
  return new KitError('ARCHIVE_BROKEN', `${file} cannot be read as a tar file: ${why}`, {
    hint: 'give a tar file, plain or compressed with gzip',
  });
}

function asHeader(
  entry: ReadEntry,
  prefix: string,
): { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number } {
  return {
    path: insidePath(entry.path, prefix),
    // Some archivers store the type of the file with its permissions.
    mode: Number(BigInt.asUintN(12, BigInt(Math.trunc(numberOf(entry, 'mode', entry.mode ?? 0o644))))),
    uid: numberOf(entry, 'user number', entry.uid ?? 0, MAX_ID),
    gid: numberOf(entry, 'group number', entry.gid ?? 0, MAX_ID),
  };
}

function numberOf(entry: ReadEntry, what: string, value: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Refusal(`${entry.path} has the ${what} ${value}, which must be between 0 and ${most}`);
}

function targetOf({ path, linkpath = '' }: ReadEntry): string {
  if (linkpath === '') throw new Refusal(`${path} is a symbolic link to nothing`);
  if (linkpath.includes('\0') || Buffer.byteLength(linkpath) > MAX_PATH_BYTES)
    throw new Refusal(`${path} is a symbolic link to a path that the kernel does not accept`);
  return linkpath;
}

function insidePath(name: string, prefix: string): string {
  const parts = name.split('/');
  if (parts.includes('..')) throw new Refusal(`${name} leads out of the archive`);
  if (name.includes('\0')) throw new Refusal(`${JSON.stringify(name)} has a NUL in its name`);
  const path = posix.normalize(`/${name}`).replace(/\/$/, '');
  const long = Math.max(...parts.map((part) => Buffer.byteLength(part)));
  const bytes = Buffer.byteLength(prefix) + Buffer.byteLength(path);
  if (long > MAX_NAME_BYTES || bytes > MAX_PATH_BYTES) {
    const [length, most] = long > MAX_NAME_BYTES ? [long, MAX_NAME_BYTES] : [bytes, MAX_PATH_BYTES];
    throw new Refusal(`${name.slice(0, 60)}… is ${length} bytes long, but the kernel's limit is ${most}`);
  }
  return path === '' ? prefix : `${prefix}${path}`;
}

/** Finds entries below a link, which would be written to the link's target on the device, outside the container. */
function belowNoDirectory(entries: ReadonlyMap<string, RootfsEntry>): string[] {
  const problems: string[] = [];
  // The result for a folder applies to its whole content, so each folder is checked once.
  const known = new Map<string, string | undefined>();
  const blockedBy = (dir: string): string | undefined => {
    const above: string[] = [];
    let at = dir;
    while (at !== '/' && !known.has(at)) {
      above.push(at);
      at = posix.dirname(at);
    }
    let blocked = known.get(at);
    for (const folder of above.reverse()) {
      if (blocked === undefined && (entries.get(folder)?.type ?? 'dir') !== 'dir') blocked = folder;
      known.set(folder, blocked);
    }
    return blocked;
  };
  for (const path of entries.keys()) {
    const parent = blockedBy(posix.dirname(path));
    if (parent === undefined) continue;
    const type = entries.get(parent)?.type ?? 'dir';
    problems.push(`${path} is below ${parent}, which is a ${type} in the archive`);
  }
  return problems;
}
