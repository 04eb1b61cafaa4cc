import { KitError } from '../base/errors.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';
import type { ImageRequest } from './image-request.ts';
import { readSource, readSpace } from './read-source.ts';

/** The release of squashfs-tools from which the definition of a file says whether it has holes. */
const RELEASE_WITH_HOLES = 406;

/**
 * Yields a root filesystem in the form that `unsquashfs -pf` writes and `mksquashfs -pf` reads: a line for each entry,
 * then the bytes of all files. Each piece is valid until the next one is requested.
 * `release` is that of mksquashfs, 405 for 4.5.
 * Throws STEP_FAILED for a name or link target that cannot be written in such a line.
 * Format: "Pseudo file definitions" in the README of squashfs-tools 4.5, and read_pseudo_file() in its pseudo.c.
 */
export async function* pseudoFile(
  request: Pick<ImageRequest, 'manifest' | 'epochSeconds' | 'signal'>,
  release: number,
): AsyncGenerator<Buffer, void, undefined> {
  let offset = 0;
  for (const entry of request.manifest.entries) {
    const owner = `${entry.mode.toString(8)} ${entry.uid} ${entry.gid}`;
    const rest = definition(entry, `${request.epochSeconds} ${owner}`, offset, release);
    yield Buffer.from(`${escapedPath(entry.path)} ${rest}\n`);
    if (entry.type === 'file') offset += entry.sizeBytes;
  }
  yield Buffer.from('#\n# START OF DATA - DO NOT MODIFY\n#\n');
  const space = readSpace();
  for (const entry of request.manifest.entries) {
    if (entry.type === 'file') yield* readSource(entry, space, request.signal);
  }
}

function definition(entry: RootfsEntry, attributes: string, offset: number, release: number): string {
  switch (entry.type) {
    case 'dir':
      return `D ${attributes}`;
    case 'file':
      return `R ${attributes} ${entry.sizeBytes} ${offset}${release >= RELEASE_WITH_HOLES ? ' 0' : ''}`;
    case 'symlink':
      return `S ${attributes} ${checkedTarget(entry.target)}`;
    case 'char':
      return `C ${attributes} ${entry.major} ${entry.minor}`;
    case 'block':
      return `B ${attributes} ${entry.major} ${entry.minor}`;
    case 'fifo':
      return `I ${attributes} f`;
  }
}

function escapedPath(path: string): string {
  if (path.includes('\n')) throw unsayable(path, 'a line break in a name');
  return path.replace(/[\s"\\]/g, '\\$&');
}

/** A target is the rest of its line, unquoted: blanks before it are skipped, and a backslash at the end joins lines. */
function checkedTarget(target: string): string {
  if (/^\s|\n|(^|[^\\])\\$/.test(target)) {
    throw unsayable(
      target,
      'a link target that starts with a blank, ends in a backslash or has a line break',
    );
  }
  return target;
}

function unsayable(text: string, what: string): KitError {
  return new KitError(
    'STEP_FAILED',
    `${JSON.stringify(text)} cannot be in a squashfs image: mksquashfs takes no ${what}`,
    {
      hint: 'rename it, or take squashfs out of the profile’s images',
    },
  );
}
