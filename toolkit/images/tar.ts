import type { RootfsEntry } from '../rootfs/manifest.ts';
import { checkManifest } from './check-manifest.ts';
import type { ImageRequest } from './image-request.ts';
import { readSource, readSpace } from './read-source.ts';
import { writeGzip } from './write-gzip.ts';

const BLOCK_BYTES = 512;
/** A longer name or link target does not fit into its header field. */
const MAX_NAME_BYTES = 100;

const entryTypes = {
  dir: 'Directory',
  file: 'File',
  symlink: 'SymbolicLink',
  char: 'CharacterDevice',
  block: 'BlockDevice',
  fifo: 'FIFO',
} as const satisfies Record<RootfsEntry['type'], string>;

/** Writes the root filesystem as a tar archive, compressed with gzip. */
export async function writeTarGz(request: ImageRequest): Promise<void> {
  checkManifest(request.manifest);
  await writeGzip(request, tarArchive(request));
}

/**
 * Yields the uncompressed archive in pieces; each is valid until the next one is requested.
 * Entries are `./`, `./etc/`, `./etc/passwd`.
 * Names too long for a header are written before it in GNU tar's format and not as pax records: BusyBox's
 * tar has always read those, but for many years cut off link targets in pax records.
 * Names are UTF-8, unchanged.
 * Format: https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export async function* tarArchive(
  request: Pick<ImageRequest, 'manifest' | 'epochSeconds' | 'signal'>,
): AsyncGenerator<Buffer, void, undefined> {
  const { Header } = await import('tar');
  const encode = (data: ConstructorParameters<typeof Header>[0]): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES);
    // Ignores the result, which says whether pax records are needed: see above.
    new Header(data).encode(block);
    return block;
  };
  const space = readSpace();
  const mtime = new Date(request.epochSeconds * 1000);
  const longName = (type: 'NextFileHasLongPath' | 'NextFileHasLongLinkpath', name: string): Buffer => {
    const body = Buffer.from(`${name}\0`);
    const header = encode({
      path: '././@LongLink',
      type,
      size: body.length,
      mode: 0o644,
      ...ownerFields(0, 0),
      mtime,
    });
    return Buffer.concat([header, body, padding(body.length)]);
  };

  for (const entry of request.manifest.entries) {
    const path = `.${entry.path}${entry.type === 'dir' && entry.path !== '/' ? '/' : ''}`;
    const target = entry.type === 'symlink' ? entry.target : '';
    const size = entry.type === 'file' ? entry.sizeBytes : 0;
    if (Buffer.byteLength(target) > MAX_NAME_BYTES) yield longName('NextFileHasLongLinkpath', target);
    if (Buffer.byteLength(path) > MAX_NAME_BYTES) yield longName('NextFileHasLongPath', path);
    yield encode({
      path: shortened(path),
      type: entryTypes[entry.type],
      mode: entry.mode,
      ...ownerFields(entry.uid, entry.gid),
      size,
      mtime,
      linkpath: shortened(target),
      ...('major' in entry ? { devmaj: entry.major, devmin: entry.minor } : {}),
    });
    if (entry.type === 'file') yield* readSource(entry, space, request.signal);
    yield padding(size);
  }
  // Two blocks of zeros end an archive.
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

/** Cuts a long name to fit its header field. Header.encode takes seconds for thousands of bytes. */
function shortened(name: string): string {
  let short = name.slice(0, MAX_NAME_BYTES);
  while (Buffer.byteLength(short) > MAX_NAME_BYTES) short = short.slice(0, -1);
  return short;
}

/** Only root gets a name: the names of other ids depend on the device, not on the host that unpacks the archive. */
function ownerFields(uid: number, gid: number): { uid: number; gid: number; uname: string; gname: string } {
  return { uid, gid, uname: uid === 0 ? 'root' : '', gname: gid === 0 ? 'root' : '' };
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
}
