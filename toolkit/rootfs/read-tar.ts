import { posix } from 'node:path';
import type { ReadEntry } from 'tar';
import type { BlobStore } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';
import { KitError, errorMessage } from '../base/errors.ts';

/** The entries of a tar file (plain or gzip), owners, modes and device nodes as it has them, below `prefix`. */
export async function readTar(file: string, blobs: BlobStore, prefix: string): Promise<RootfsEntry[]> {
  const { list } = await import('tar');
  const entries = new Map<string, RootfsEntry>();
  const pending: Promise<void>[] = [];
  const problems: string[] = [];
  try {
    await list({
      file,
      strict: true,
      onReadEntry: (entry) => {
        pending.push(
          convert(entry).catch((error: unknown) => {
            problems.push(errorMessage(error));
            entry.resume();
          }),
        );
      },
    });
    await Promise.all(pending);
  } catch (error) {
    throw new KitError('ARCHIVE_BROKEN', `${file} cannot be read as a tar file: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  if (problems.length > 0)
    throw new KitError('ARCHIVE_HOSTILE', `${file} cannot be the rootfs of a container`, { lines: problems });
  return [...entries.values()];

  async function convert(entry: ReadEntry): Promise<void> {
    const path = insidePath(entry.path, prefix);
    const base = { path, mode: (entry.mode ?? 0o644) & 0o7777, uid: entry.uid ?? 0, gid: entry.gid ?? 0 };
    switch (entry.type) {
      case 'Directory':
      case 'GNUDumpDir':
        entries.set(path, { ...base, type: 'dir' });
        break;
      case 'SymbolicLink':
        entries.set(path, { ...base, mode: 0o777, type: 'symlink', target: entry.linkpath ?? '' });
        break;
      case 'Link': {
        const target = entries.get(insidePath(entry.linkpath ?? '', prefix));
        if (target?.type !== 'file')
          throw new Error(
            `${entry.path} is a hard link to ${entry.linkpath ?? ''}, which is not in the archive before it`,
          );
        entries.set(path, { ...target, path });
        break;
      }
      case 'CharacterDevice':
      case 'BlockDevice': {
        const { devmaj, devmin } = entry.header;
        entries.set(path, {
          ...base,
          type: entry.type === 'BlockDevice' ? 'block' : 'char',
          major: devmaj ?? 0,
          minor: devmin ?? 0,
        });
        break;
      }
      case 'FIFO':
        entries.set(path, { ...base, type: 'fifo' });
        break;
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        // The place of the entry is taken at once: a later hard link may refer to it.
        entries.set(path, { ...base, type: 'file', ...(await blobs.addBytes(await entry.concat())) });
        return;
      default:
        break;
    }
    entry.resume();
  }
}

function insidePath(name: string, prefix: string): string {
  const path = posix.normalize(`/${name}`).replace(/\/$/, '');
  if (name.split('/').includes('..')) throw new Error(`${name} leads out of the archive`);
  return path === '' ? prefix : `${prefix}${path}`;
}
