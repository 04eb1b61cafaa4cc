import type { RootfsEntry } from '../rootfs/manifest.ts';
import { checkManifest } from './check-manifest.ts';
import type { ImageRequest } from './image-request.ts';
import { readSource, readSpace } from './read-source.ts';
import { writeGzip } from './write-gzip.ts';

const BLOCK_BYTES = 512;
/** A name or link target longer than this does not fit into its field of a header. */
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
 * The archive, uncompressed, a piece at a time that is good until the next one is asked for;
 * entries are `./`, `./etc/`, `./etc/passwd`.
 * Names that are too long for a header go before it in GNU tar's way and not as pax records: BusyBox's
 * tar has always read those, while for many years it cut off link targets that are in pax records.
 * Names are UTF-8 as they stand.
 * Format: https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export async function* tarArchive(
  request: Pick<ImageRequest, 'manifest' | 'epochSeconds' | 'signal'>,
): AsyncGenerator<Buffer, void, undefined> {
  const { Header } = await import('tar');
  const encode = (data: ConstructorParameters<typeof Header>[0]): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES);
    // Its answer, whether pax records are needed, is not: see above.
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
  // Two blocks of zeros are the end of an archive.
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

/** What of a long name stands in its field of the header. Header.encode takes seconds for thousands of bytes. */
function shortened(name: string): string {
  let short = name.slice(0, MAX_NAME_BYTES);
  while (Buffer.byteLength(short) > MAX_NAME_BYTES) short = short.slice(0, -1);
  return short;
}

/** Only root has a name: who else a number means is the device's affair, not that of the host that unpacks. */
function ownerFields(uid: number, gid: number): { uid: number; gid: number; uname: string; gname: string } {
  return { uid, gid, uname: uid === 0 ? 'root' : '', gname: gid === 0 ? 'root' : '' };
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
}
