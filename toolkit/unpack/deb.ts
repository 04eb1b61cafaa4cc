import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hashFile } from '../host/hash-file.ts';
import { broken, type FilePart } from './decompress.ts';
import type { SourceContext } from '../download/source-context.ts';
import { EntryGuard } from './entry-guard.ts';
import { extractTarball } from './extract-tarball.ts';
import { keepInStore, withStoreScratch, type StoredFile } from '../download/store.ts';
import { Unavailable } from '../download/unavailable.ts';

/** The first bytes of every `ar` archive, including Debian packages. */
const AR_MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

/** Whether a file is a Debian package, by its first bytes. */
async function isDeb(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(AR_MAGIC.length), 0, AR_MAGIC.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === AR_MAGIC;
  } finally {
    await handle.close();
  }
}

/** Finds `data.tar.*`, the archive with the files of a Debian package. Source: deb(5), ar(5). Throws ARCHIVE_BROKEN. */
export async function dataOfDeb(deb: string): Promise<FilePart> {
  const handle = await open(deb, 'r');
  try {
    const { size } = await handle.stat();
    for (let at = AR_MAGIC.length; at + HEADER_BYTES <= size;) {
      const { buffer } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, at);
      const header = buffer.toString('latin1');
      const sizeBytes = Number(header.slice(48, 58));
      if (header.slice(58) !== '`\n' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
        throw broken(deb, 'it is not a Debian package');
      }
      const offset = at + HEADER_BYTES;
      if (offset + sizeBytes > size) throw broken(deb, 'it ends in the middle');
      if (/^data\.tar(?:\.\w+)?\/? *$/.test(header.slice(0, 16))) return { file: deb, offset, sizeBytes };
      // Members start at even offsets.
      at = offset + sizeBytes + (sizeBytes % 2);
    }
    throw broken(deb, 'it is not a Debian package: it has no data.tar');
  } finally {
    await handle.close();
  }
}

/**
 * Returns the source tarball that a file of the store is or contains. A Debian package such as linux-source-6.1
 * contains one in `usr/src/*.tar.*`, which is stored too. Throws Unavailable when it has none there, or several.
 */
export async function asTarball(stored: StoredFile, context: SourceContext): Promise<StoredFile> {
  if (!(await isDeb(stored.file))) return stored;
  return withStoreScratch(context.storeDir, async (dir) => {
    const options = {
      guard: new EntryGuard('from the root'),
      modeOf: (): number => 0o755,
      wanted: (path: string) => /^usr\/src\/[^/]+\.tar(?:\.\w+)?$/.test(path),
    };
    const [path, ...more] = await extractTarball(await dataOfDeb(stored.file), dir, options, context);
    if (path === undefined || more.length > 0) {
      throw new Unavailable('the package does not contain exactly one source tarball in /usr/src');
    }
    const file = join(dir, path);
    return keepInStore(context.storeDir, file, await hashFile(file), basename(path));
  });
}
