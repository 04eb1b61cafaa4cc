import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import type { Parser, ReadEntry } from 'tar';
import type { BlobStore } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';
import { KitError, errorMessage } from '../base/errors.ts';

/** An entry of the archive in the order in which it came; `bytes` grow until the entry has ended. */
interface ArchiveRecord {
  readonly entry: ReadEntry;
  readonly bytes: Buffer[];
}

/**
 * The entries of a tar file (plain or gzip), owners, modes and device nodes as it has them, below `prefix`.
 * Throws ARCHIVE_BROKEN for what is no tar file or is cut short, ARCHIVE_HOSTILE for names that lead out of it.
 */
export async function readTar(file: string, blobs: BlobStore, prefix: string): Promise<RootfsEntry[]> {
  const entries = new Map<string, RootfsEntry>();
  const problems: string[] = [];
  // One after the other: a hard link refers to an entry before it, and of two entries with one name the last one counts.
  for await (const record of readRecords(file)) {
    try {
      const { path, ...rest } = asHeader(record.entry, prefix);
      const converted = await convert(record, path, rest);
      if (converted === undefined) continue;
      entries.delete(path);
      entries.set(path, converted);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(error.message);
    }
  }
  problems.push(...[...entries.keys()].flatMap((path) => belowNoDirectory(path, entries) ?? []));
  if (problems.length > 0)
    throw new KitError('ARCHIVE_HOSTILE', `${file} cannot be the rootfs of a container`, { lines: problems });
  return [...entries.values()];

  async function convert(
    { entry, bytes }: ArchiveRecord,
    path: string,
    rest: Omit<ReturnType<typeof asHeader>, 'path'>,
  ): Promise<RootfsEntry | undefined> {
    const base = { path, ...rest };
    switch (entry.type) {
      case 'Directory':
      case 'GNUDumpDir':
        return { ...base, type: 'dir' };
      case 'SymbolicLink':
        return { ...base, mode: 0o777, type: 'symlink', target: entry.linkpath ?? '' };
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
        return { ...base, type, major: devmaj, minor: devmin };
      }
      case 'FIFO':
        return { ...base, type: 'fifo' };
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        return { ...base, type: 'file', ...(await blobs.addBytes(Buffer.concat(bytes))) };
      default:
        return undefined;
    }
  }
}

/** Something that an archive must not hold, in words. */
class Refusal extends Error {}

/** The entries in order, each with all its bytes. The parser works synchronously; what it has read is handed on after each piece. */
async function* readRecords(file: string): AsyncGenerator<ArchiveRecord> {
  const { Parser } = await import('tar');
  const open: ArchiveRecord[] = [];
  const whole: ArchiveRecord[] = [];
  const parser = new Parser({
    onReadEntry: (entry) => {
      const record: ArchiveRecord = { entry, bytes: [] };
      open.push(record);
      entry.on('data', (chunk: Buffer) => record.bytes.push(chunk));
      entry.on('end', () => whole.push(...open.splice(0)));
    },
  });
  const watched = watchParser(parser);
  const check = (): void => {
    if (watched.trouble !== undefined) throw broken(file, watched.trouble);
  };
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      parser.write(chunk);
      check();
      yield* whole.splice(0);
    }
  } catch (error) {
    throw error instanceof KitError ? error : broken(file, errorMessage(error));
  }
  parser.end();
  check();
  if (!watched.ended) throw broken(file, 'it ends in the middle');
  yield* whole.splice(0);
}

/** The first thing that is wrong with an archive, and whether its end was seen. */
function watchParser(parser: Parser): { trouble: string | undefined; ended: boolean } {
  const watched: { trouble: string | undefined; ended: boolean } = { trouble: undefined, ended: false };
  const note = (message: string): void => {
    watched.trouble ??= message;
  };
  parser.on('warn', (_code: string, message: string | Error) => note(errorMessage(message)));
  parser.on('error', (error: unknown) => note(errorMessage(error)));
  parser.on('ignoredEntry', ({ type, path }: ReadEntry) =>
    note(`${path} is an entry of the kind ${type}, which is not supported`),
  );
  parser.on('meta', (text: string) => {
    // The parser does not know the sparse files of GNU tar; their contents would come out wrong.
    if (/^\d+ GNU\.sparse\./m.test(text)) note('it holds sparse files, which are not supported');
  });
  parser.on('entry', () => (watched.ended = false));
  parser.on('nullBlock', () => (watched.ended = true));
  return watched;
}

function broken(file: string, why: string): KitError {
  return new KitError('ARCHIVE_BROKEN', `${file} cannot be read as a tar file: ${why}`, {
    hint: 'it has to be a tar file, plain or compressed with gzip',
  });
}

function asHeader(
  { path, mode, uid, gid }: ReadEntry,
  prefix: string,
): { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number } {
  return {
    path: insidePath(path, prefix),
    mode: (mode ?? 0o644) & 0o7777,
    uid: uid ?? 0,
    gid: gid ?? 0,
  };
}

function insidePath(name: string, prefix: string): string {
  if (name.split('/').includes('..')) throw new Refusal(`${name} leads out of the archive`);
  const path = posix.normalize(`/${name}`).replace(/\/$/, '');
  return path === '' ? prefix : `${prefix}${path}`;
}

/** Something below a link would be laid out where the link leads on the device, outside of the container. */
function belowNoDirectory(path: string, entries: ReadonlyMap<string, RootfsEntry>): string | undefined {
  for (let parent = posix.dirname(path); parent !== '/'; parent = posix.dirname(parent)) {
    const type = entries.get(parent)?.type ?? 'dir';
    if (type !== 'dir') return `${path} lies below ${parent}, which is a ${type} in the archive`;
  }
  return undefined;
}
