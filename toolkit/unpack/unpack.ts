import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { KitError, systemErrorCode } from '../base/errors.ts';
import { hashFile } from '../host/hash-file.ts';
import { EntryGuard } from './entry-guard.ts';
import { progressReporter } from '../download/report-progress.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import type { StoredFile } from '../download/store.ts';
import { sweepStore } from '../download/sweep-store.ts';
import { fillDir, keepTree } from './keep-tree.ts';

type UnpackingContext = Pick<SourceContext, 'storeDir' | 'env' | 'emit' | 'step' | 'logFile' | 'signal'>;

export interface UnpackContext extends UnpackingContext {
  /** Takes the source again after damaged files of it were removed from the store. */
  readonly retake: () => Promise<ResolvedSource>;
}

/** A part of a source that is enough for one use. */
export interface TreePart {
  /** The last part of the directory's name in the store. */
  readonly name: string;
  /** Whether a file belongs to it; `path` is relative to the tree. */
  readonly has: (path: string) => boolean;
}

/**
 * Returns the directory of a source's unpacked, read-only tree, and unpacks it first if necessary.
 * A user's directory is returned as it is. A single top directory in the tarball becomes the tree itself.
 * With `part`, only that part is certain to be there; the whole archive is still checked.
 * A tarball that was damaged in the store is taken again.
 * Throws ARCHIVE_HOSTILE, ARCHIVE_BROKEN, TOOL_MISSING, OUT_UNWRITABLE, the errors of `retake`, or SOURCE_HASH_MISMATCH
 * when `retake` took something else. A failed attempt leaves nothing behind.
 */
export async function unpackTree(
  source: ResolvedSource,
  context: UnpackContext,
  part?: TreePart,
): Promise<string> {
  if (source.treeDir !== undefined) return source.treeDir;
  const wholeDir = inStore(context.storeDir, 'trees', `${source.component}-${source.sha256.slice(0, 16)}`);
  if (existsSync(wholeDir)) return wholeDir;
  const treeDir = part === undefined ? wholeDir : `${wholeDir}-${part.name}`;
  if (existsSync(treeDir)) return treeDir;
  const [tarball] = await wholeFiles(source, context);
  if (source.form !== 'tarball' || tarball === undefined)
    throw new Error(`${source.component} has no tarball to unpack`);
  await sweepStore(context.storeDir);
  await keepTree(treeDir, () =>
    unpackPart(tarball, treeDir, part, context).catch((error: unknown) => {
      if (error instanceof UnlikeExpected) return unpackPart(tarball, treeDir, undefined, context);
      throw error;
    }),
  );
  return treeDir;
}

/** The layout of the archive is unusual, so a needed file may be outside of the part: unpack all of it. */
class UnlikeExpected extends Error {}

async function unpackPart(
  tarball: StoredFile,
  treeDir: string,
  part: TreePart | undefined,
  context: UnpackingContext,
): Promise<void> {
  const { extractTarball } = await import('./extract-tarball.ts');
  const report = progressReporter(context);
  await fillDir(treeDir, context, async (dir) => {
    const guard = new EntryGuard();
    const picked = part && pickPart(part);
    const options = {
      guard,
      // The umask of the first user to unpack must not affect what is built.
      modeOf: (mode: number, kind: 'dir' | 'file'): number =>
        kind === 'dir' || (mode & 0o111) !== 0 ? 0o555 : 0o444,
      onFiles: (done: number): void => report({ done, unit: 'files', text: tarball.name }),
      ...(picked === undefined ? {} : { wanted: picked.wanted }),
    };
    await extractTarball({ file: tarball.file }, dir, options, context).catch((error: unknown) => {
      // A hard link to a file outside of the part.
      throw picked !== undefined && systemErrorCode(error) === 'ENOENT' ? new UnlikeExpected() : error;
    });
    const top = await singleDirectory(dir);
    if (picked !== undefined && !picked.fits(top)) throw new UnlikeExpected();
    guard.checkLinks(top);
    return join(dir, top);
  });
}

/**
 * Picks a part by the paths of the archive. Only the end of the archive shows which directory becomes the tree; until
 * then the first entry is assumed, since every tar writes it first.
 */
function pickPart(part: TreePart): { wanted: (path: string) => boolean; fits: (top: string) => boolean } {
  let top: string | undefined;
  return {
    wanted: (path) => {
      top ??= path;
      if (top === '') return part.has(path);
      return !path.startsWith(`${top}/`) || part.has(path.slice(top.length + 1));
    },
    fits: (found) => found === top,
  };
}

/** An entry of a Debian package with setuid, setgid or sticky bits, which are not set on the disk. */
export interface SpecialMode {
  /** Absolute, in the target's file system. */
  readonly path: string;
  /** All bits, such as 0o4755. */
  readonly mode: number;
}

/**
 * Unpacks all Debian packages of a source to `dir`, which must be missing or empty.
 * Absolute links stay unchanged: they start at the root of the target. Returns the entries with special modes.
 * Throws as `unpackTree` does.
 */
export async function unpackDebs(
  source: ResolvedSource,
  dir: string,
  context: UnpackContext,
): Promise<SpecialMode[]> {
  const { extractTarball } = await import('./extract-tarball.ts');
  const { dataOfDeb } = await import('./deb.ts');
  const specialModes: SpecialMode[] = [];
  const modeOf = (mode: number, kind: 'dir' | 'file', path: string): number => {
    if ((mode & 0o7000) !== 0) specialModes.push({ path: `/${path}`, mode });
    return kind === 'dir' ? (mode & 0o777) | 0o700 : mode & 0o777;
  };
  await fillDir(dir, context, async (temporaryDir) => {
    const guard = new EntryGuard('from the root');
    for (const { file } of await wholeFiles(source, context))
      await extractTarball(await dataOfDeb(file), temporaryDir, { guard, modeOf }, context);
    guard.checkLinks('');
    return temporaryDir;
  });
  return specialModes;
}

/** The files of a source in the store, checked by their bytes, since size and time prove nothing. */
async function wholeFiles(source: ResolvedSource, context: UnpackContext): Promise<readonly StoredFile[]> {
  const rotten = await removeRotten(source.files);
  if (rotten.length === 0) return source.files;
  for (const { name } of rotten) {
    const message = `${name} has changed in the store and is taken again; if this happens repeatedly, the disk is failing`;
    context.emit({ type: 'note', step: context.step, message });
  }
  const retaken = await context.retake();
  if (retaken.sha256 === source.sha256) return retaken.files;
  throw new KitError(
    'SOURCE_HASH_MISMATCH',
    `the original source of ${source.component} is no longer available`,
    {
      lines: [
        `expected ${source.sha256} from ${source.origin}`,
        `found    ${retaken.sha256} from ${retaken.origin}`,
      ],
      hint: 'build again to use the source that is available now',
    },
  );
}

async function removeRotten(files: readonly StoredFile[]): Promise<StoredFile[]> {
  const rotten = [];
  for (const stored of files) {
    if ((await hashFile(stored.file)) === stored.sha256) continue;
    await rm(stored.file, { force: true });
    rotten.push(stored);
  }
  return rotten;
}

/** The name of the only entry if that is a directory, otherwise ''. */
async function singleDirectory(dir: string): Promise<string> {
  const [first, ...more] = await readdir(dir, { withFileTypes: true });
  return first?.isDirectory() === true && more.length === 0 ? first.name : '';
}
