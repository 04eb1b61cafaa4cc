import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KitError, systemErrorCode } from '../base/errors.ts';
import { hashFile } from '../host/hash-file.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { syncFileSystem } from '../host/sync-file-system.ts';
import { temporaryName } from '../host/write-atomic.ts';
import { EntryGuard } from './entry-guard.ts';
import { removeTree } from '../host/remove-tree.ts';
import { progressReporter } from './report-progress.ts';
import type { ResolvedSource } from './resolve-source.ts';
import type { SourceContext } from './source-context.ts';
import { writeFailure, type StoredFile } from './store.ts';
import { sweepStore } from './sweep-store.ts';

type UnpackingContext = Pick<SourceContext, 'storeDir' | 'env' | 'emit' | 'step' | 'logFile' | 'signal'>;

export interface UnpackContext extends UnpackingContext {
  /** Takes the source again, when files of it were found rotten in the store and removed. */
  readonly retake: () => Promise<ResolvedSource>;
}

/** A part of a source that does for some use. */
export interface TreePart {
  /** Ends the name of the directory in the store. */
  readonly name: string;
  /** Whether a file belongs to it; `path` is relative to the tree. */
  readonly has: (path: string) => boolean;
}

/**
 * Gives the directory of a source's unpacked, read-only tree, and unpacks it when that was not done yet.
 * A directory of the user's is given as it is. A single top directory in the tarball becomes the tree itself.
 * With `part` only that much is certain to be there; the whole archive is checked all the same.
 * A tarball that has rotted in the store is taken anew.
 * Throws ARCHIVE_HOSTILE, ARCHIVE_BROKEN, TOOL_MISSING, OUT_UNWRITABLE, what `retake` throws, or SOURCE_HASH_MISMATCH when
 * it took something else; then nothing is left of the attempt.
 */
export async function unpackTree(
  source: ResolvedSource,
  context: UnpackContext,
  part?: TreePart,
): Promise<string> {
  if (source.treeDir !== undefined) return source.treeDir;
  const wholeDir = join(context.storeDir, 'trees', `${source.component}-${source.sha256.slice(0, 16)}`);
  if (existsSync(wholeDir)) return wholeDir;
  const treeDir = part === undefined ? wholeDir : `${wholeDir}-${part.name}`;
  if (existsSync(treeDir)) return treeDir;
  const [tarball] = await wholeFiles(source, context);
  if (source.form !== 'tarball' || tarball === undefined)
    throw new Error(`${source.component} has no tarball to unpack`);
  await sweepStore(context.storeDir);
  const unpacking = unpackPart(tarball, treeDir, part, context).catch((error: unknown) => {
    if (error instanceof UnlikeExpected) return unpackPart(tarball, treeDir, undefined, context);
    throw error;
  });
  await unpacking.catch((error: unknown) => {
    // Another process was quicker; its tree is the same.
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '') || !existsSync(treeDir)) throw error;
  });
  // Not when it is another user's, who sees to it.
  await chmod(treeDir, 0o555).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'EPERM') throw error;
  });
  return treeDir;
}

/** The archive is laid out so that what was left out of it may be missing: all of it has to be unpacked. */
class UnlikeExpected extends Error {}

async function unpackPart(
  tarball: StoredFile,
  treeDir: string,
  part: TreePart | undefined,
  context: UnpackingContext,
): Promise<void> {
  const { extractTarball } = await import('./extract-tarball.ts');
  const report = progressReporter(context);
  await unpackInto(treeDir, context, async (dir) => {
    const guard = new EntryGuard();
    const picked = part && pickPart(part);
    const options = {
      guard,
      // The umask of whoever unpacks first must not decide what is built.
      modeOf: (mode: number, kind: 'dir' | 'file'): number =>
        kind === 'dir' || (mode & 0o111) !== 0 ? 0o555 : 0o444,
      onFiles: (done: number): void => report({ done, unit: 'files', text: tarball.name }),
      ...(picked === undefined ? {} : { wanted: picked.wanted }),
    };
    await extractTarball({ file: tarball.file }, dir, options, context).catch((error: unknown) => {
      // A hard link to a file that was left out.
      throw picked !== undefined && systemErrorCode(error) === 'ENOENT' ? new UnlikeExpected() : error;
    });
    const top = await singleDirectory(dir);
    if (picked !== undefined && !picked.fits(top)) throw new UnlikeExpected();
    guard.checkLinks(top);
    return join(dir, top);
  });
}

/**
 * Picks a part by the paths of the archive. Which directory becomes the tree is known for sure at its end; until then
 * the first entry is taken for it, as every tar writes it.
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

/** An entry of a Debian package with permission bits that are not on the disk: setuid, setgid, sticky. */
export interface SpecialMode {
  /** Absolute, in the target's file system. */
  readonly path: string;
  /** All bits, such as 0o4755. */
  readonly mode: number;
}

/**
 * Lays out the files of all Debian packages of a source under `dir`, which must be absent or empty.
 * Absolute links stay as they are: they lead from the root of the target. Returns what has a special mode.
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
  await unpackInto(dir, context, async (temporaryDir) => {
    const guard = new EntryGuard('from the root');
    for (const { file } of await wholeFiles(source, context))
      await extractTarball(await dataOfDeb(file), temporaryDir, { guard, modeOf }, context);
    guard.checkLinks('');
    return temporaryDir;
  });
  return specialModes;
}

/** The files of a source in the store, with the bytes that they had when they were taken: size and time do not tell. */
async function wholeFiles(source: ResolvedSource, context: UnpackContext): Promise<readonly StoredFile[]> {
  const rotten = await removeRotten(source.files);
  if (rotten.length === 0) return source.files;
  for (const { name } of rotten) {
    const message = `${name} has changed in the store, and is taken anew; when this comes again, the disk is failing`;
    context.emit({ type: 'note', step: context.step, message });
  }
  const retaken = await context.retake();
  if (retaken.sha256 === source.sha256) return retaken.files;
  throw new KitError('SOURCE_HASH_MISMATCH', `${source.component} cannot be had again as it was`, {
    lines: [
      `expected ${source.sha256} from ${source.origin}`,
      `found    ${retaken.sha256} from ${retaken.origin}`,
    ],
    hint: 'build again, with what there is now',
  });
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

/** Fills a temporary directory beside `dir` and gives it, or the part of it that `fill` returns, its name at the end. */
async function unpackInto(
  dir: string,
  context: UnpackingContext,
  fill: (dir: string) => Promise<string>,
): Promise<void> {
  makeDirs(dirname(dir));
  const temporaryDir = temporaryName(dir);
  try {
    await mkdir(temporaryDir);
    const filled = await fill(temporaryDir);
    context.signal.throwIfAborted();
    // A directory that changes its parent must be writable itself (rename(2)).
    await chmod(filled, 0o755);
    // A power cut must not leave a tree with files that are empty.
    await syncFileSystem(filled);
    await rename(filled, dir);
  } catch (error) {
    context.signal.throwIfAborted();
    throw writeFailure(dirname(dir), error);
  } finally {
    await removeTree(temporaryDir);
  }
}

/** Name of the only entry, when that is a directory, else ''. */
async function singleDirectory(dir: string): Promise<string> {
  const [first, ...more] = await readdir(dir, { withFileTypes: true });
  return first?.isDirectory() === true && more.length === 0 ? first.name : '';
}
