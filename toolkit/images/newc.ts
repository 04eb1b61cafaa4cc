import { KitError } from '../base/errors.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';
import { checkManifest } from './check-manifest.ts';
import { fileTypeBits } from './file-type-bits.ts';
import type { ImageRequest } from './image-request.ts';
import { readSource, readSpace } from './read-source.ts';
import { writeGzip } from './write-gzip.ts';

const MAX_FIELD = 0xffff_ffff;

/** Writes the root filesystem as an initramfs: a newc cpio archive, compressed with gzip. */
export async function writeCpioGz(request: ImageRequest): Promise<void> {
  checkManifest(request.manifest);
  await writeGzip(request, newcArchive(request));
}

/**
 * Yields the uncompressed archive in pieces; each is valid until the next one is requested.
 * Format: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
 */
export async function* newcArchive(
  request: Pick<ImageRequest, 'manifest' | 'epochSeconds' | 'signal'>,
): AsyncGenerator<Buffer, void, undefined> {
  const space = readSpace();
  let written = 0;
  const count = (piece: Buffer): Buffer => {
    written += piece.length;
    return piece;
  };
  for (const [index, entry] of request.manifest.entries.entries()) {
    yield count(entryHeader(entry, index + 1, request.epochSeconds));
    if (entry.type === 'file')
      for await (const piece of readSource(entry, space, request.signal)) yield count(piece);
    if (entry.type === 'symlink') yield count(Buffer.from(entry.target));
    yield count(padding(written, 4));
  }
  yield count(header('TRAILER!!!', { nlink: 1 }));
  // Padded to 512-byte blocks, as cpio and the kernel's gen_init_cpio do.
  yield padding(written, 512);
}

function entryHeader(entry: RootfsEntry, inode: number, epochSeconds: number): Buffer {
  // The kernel unpacks into its root, which is `.`; entries have no leading slash.
  return header(entry.path === '/' ? '.' : entry.path.slice(1), {
    inode,
    mode: fileTypeBits[entry.type] | entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    nlink: entry.type === 'dir' ? 2 : 1,
    mtime: epochSeconds,
    fileSize: bodyBytes(entry),
    ...('major' in entry ? { deviceMajor: entry.major, deviceMinor: entry.minor } : {}),
  });
}

interface HeaderFields {
  readonly inode?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly nlink: number;
  readonly mtime?: number;
  readonly fileSize?: number;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
}

/** The magic, thirteen numbers of eight hex digits, and the name; zero bytes up to a multiple of four. */
function header(name: string, fields: HeaderFields): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  const numbers = [
    fields.inode ?? 0,
    fields.mode ?? 0,
    fields.uid ?? 0,
    fields.gid ?? 0,
    fields.nlink,
    fields.mtime ?? 0,
    fields.fileSize ?? 0,
    0, // the file's device: only identifies hard links, and there are none
    0,
    fields.deviceMajor ?? 0,
    fields.deviceMinor ?? 0,
    nameBytes.length,
    0, // the checksum, which only the format 070702 has
  ];
  const fixed = Buffer.from(`070701${numbers.map(hexField).join('')}`);
  return Buffer.concat([fixed, nameBytes, padding(fixed.length + nameBytes.length, 4)]);
}

function bodyBytes(entry: RootfsEntry): number {
  if (entry.type === 'symlink') return Buffer.byteLength(entry.target);
  if (entry.type !== 'file') return 0;
  if (entry.sizeBytes > MAX_FIELD) {
    throw new KitError(
      'STEP_FAILED',
      `${entry.path} is too big for an initramfs: a cpio archive holds files below 4 GiB`,
      {
        hint: 'take cpio.gz out of the profile’s images, or the file out of the root filesystem',
      },
    );
  }
  return entry.sizeBytes;
}

function hexField(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > MAX_FIELD)
    throw new Error(`${value} does not fit into a newc header`);
  return value.toString(16).toUpperCase().padStart(8, '0');
}

function padding(offset: number, alignment: number): Buffer {
  return Buffer.alloc((alignment - (offset % alignment)) % alignment);
}
