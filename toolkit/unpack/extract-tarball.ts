import type { Parser } from 'tar';
import { errorMessage } from '../base/errors.ts';
import { broken, decompress, type FilePart } from './decompress.ts';
import type { ToolContext } from '../download/source-context.ts';
import { entryWriter, type WriteOptions } from './entry-writer.ts';
import { hostile } from './entry-guard.ts';

/**
 * Unpacks a tar archive (plain, gzip, bzip2, xz, zstd) into an existing directory, which is empty or was filled with
 * the same guard. Returns the paths of its regular files, in the archive's order.
 * Throws ARCHIVE_HOSTILE, ARCHIVE_BROKEN or TOOL_MISSING; the caller has to remove what was written by then.
 */
export async function extractTarball(
  part: FilePart,
  dir: string,
  options: WriteOptions & { readonly onFiles?: (count: number) => void },
  context: ToolContext,
): Promise<string[]> {
  const { Parser } = await import('tar');
  const writer = entryWriter(dir, options);
  const parser = new Parser({ onReadEntry: (entry) => writer.write(entry) });
  const endOf = watchEnd(parser);
  // The parser only warns and continues. An error thrown here comes out of parser.write, which is synchronous.
  parser.on('warn', (_code: string, message: string | Error) => {
    throw broken(part.file, errorMessage(message));
  });
  parser.on('ignoredEntry', ({ type, path }: { type: string; path: string }) => {
    throw broken(part.file, `${path} is an entry of the kind ${type}, which is not supported`);
  });
  parser.on('meta', (text: string) => refuseHiddenNames(text, part.file));
  try {
    for await (const chunk of decompress(part, context)) {
      context.signal.throwIfAborted();
      // Only padding follows the end; it is still read, so that the decompressor checks its checksum.
      if (endOf.archive !== 'certain') parser.write(chunk);
      options.onFiles?.(writer.files.length);
    }
    parser.end();
    if (endOf.archive === 'not seen') throw broken(part.file, 'it ends in the middle');
    writer.finish();
    return writer.files;
  } finally {
    writer.close();
  }
}

/** An archive ends with two blocks of zeros; some programs write only one (GNU tar warns about it). */
function watchEnd(parser: Parser): { archive: 'not seen' | 'possible' | 'certain' } {
  const end = { archive: 'not seen' as 'not seen' | 'possible' | 'certain' };
  parser.on('nullBlock', () => (end.archive = 'possible'));
  parser.on('eof', () => (end.archive = 'certain'));
  parser.on('entry', () => (end.archive = 'not seen'));
  return end;
}

/**
 * Extended headers contain names of any length. The parser cuts them at a NUL, so two programs would see different
 * names. It does not support the sparse files of GNU tar either, and would extract wrong contents.
 */
function refuseHiddenNames(text: string, file: string): void {
  const isPax = /^\d+ [^\s=]+=/.test(text);
  const name = isPax
    ? /^\d+ (?:path|linkpath)=([^\n]*\0[^\n]*)/m.exec(text)?.[1]
    : /^[^\0]*\0+[^\0]/.exec(text)?.[0];
  if (name !== undefined) throw hostile(name, 'its name has a NUL character');
  if (isPax && /^\d+ GNU\.sparse\./m.test(text))
    throw broken(file, 'it contains sparse files, which are not supported');
}
