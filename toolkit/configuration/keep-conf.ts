import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { findProgram } from '../host/find-program.ts';
import { hashBytes, hashFile } from '../host/hash-file.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { removeTree } from '../host/remove-tree.ts';
import { syncFileSystem } from '../host/sync-file-system.ts';
import { walkTree } from '../host/walk-tree.ts';
import { temporaryName } from '../host/write-atomic.ts';
import { runInStep, type Build } from '../opened-board/build.ts';
import type { ConfigureContext } from './configured-tree.ts';

/** Folders, in the tree and in the object directory, with the programs that make builds before it runs conf. */
const FOLDERS = ['scripts/basic', 'scripts/kconfig'];
/** The files that decide how these programs are compiled. */
const MAKEFILES = ['Makefile', 'scripts/Makefile.build', 'scripts/Makefile.host', 'scripts/Kbuild.include'];
const PROGRAM = 'scripts/kconfig/conf';
const SUMS = 'sums.json';

interface ConfTree {
  readonly tree: string;
  readonly objDir: string;
}

/**
 * Runs the first make target of a tree with the conf kept in the store, or keeps the newly compiled one there. The key
 * is everything that make would compile it from: the sources with their place, which make records with its commands, and
 * the host's compiler. Times are kept, because make goes by them. When the store cannot be read or written, make
 * compiles conf as usual.
 */
export async function withKeptConf<T>(
  build: Build,
  where: ConfTree,
  context: ConfigureContext,
  run: () => Promise<T>,
): Promise<T> {
  const keptDir = inStore(build.storeDir, 'conf', await confKey(build, where.tree));
  const fits = existsSync(join(where.objDir, PROGRAM)) || (await restore(build, where, keptDir, context));
  const result = await run();
  if (!fits) await keep(build, where, keptDir, context);
  return result;
}

async function confKey({ env }: Build, tree: string): Promise<string> {
  const parts: unknown[] = [tree];
  for (const folder of FOLDERS.filter((one) => existsSync(join(tree, one))))
    for (const { name, path, stat: found } of await walkTree(join(tree, folder)))
      if (found.isFile() && !name.startsWith('tests/')) parts.push([folder, name, await hashFile(path)]);
  for (const name of MAKEFILES)
    if (existsSync(join(tree, name))) parts.push([name, await hashFile(join(tree, name))]);
  for (const tool of ['gcc', 'bison', 'flex']) {
    const program = findProgram(tool, env['PATH'] ?? '');
    const found = program === undefined ? undefined : await stat(program);
    parts.push([tool, program ?? null, found?.size ?? 0, found?.mtimeMs ?? 0]);
  }
  return hashBytes(JSON.stringify(parts)).slice(0, 32);
}

/** Returns false when there is no kept conf, or a damaged one, which it then removes. */
async function restore(
  build: Build,
  { objDir }: ConfTree,
  keptDir: string,
  context: ConfigureContext,
): Promise<boolean> {
  if (!existsSync(keptDir)) return false;
  try {
    const expected = await readFile(join(keptDir, SUMS), 'utf8');
    if (expected !== (await sumsOf(keptDir))) {
      await removeTree(keptDir);
      return false;
    }
    await mkdir(objDir, { recursive: true });
    await runInStep(build, context, ['cp', '-a', join(keptDir, 'scripts'), objDir]);
    return true;
  } catch {
    context.signal.throwIfAborted();
    await removeTree(join(objDir, 'scripts'));
    return false;
  }
}

async function keep(
  build: Build,
  { objDir }: ConfTree,
  keptDir: string,
  context: ConfigureContext,
): Promise<void> {
  if (!existsSync(join(objDir, PROGRAM)) || existsSync(keptDir)) return;
  const folder = inStore(build.storeDir, 'tmp');
  const temporary = temporaryName(join(folder, basename(keptDir)));
  try {
    for (const dir of [folder, inStore(build.storeDir, 'conf'), join(temporary, 'scripts')]) makeDirs(dir);
    const folders = FOLDERS.map((one) => join(objDir, one)).filter((one) => existsSync(one));
    await runInStep(build, context, ['cp', '-a', ...folders, join(temporary, 'scripts')]);
    await writeFile(join(temporary, SUMS), await sumsOf(temporary));
    await syncFileSystem(temporary);
    // Another process may have been faster; its conf is the same.
    await rename(temporary, keptDir);
  } catch {
    context.signal.throwIfAborted();
  } finally {
    await removeTree(temporary).catch(() => undefined);
  }
}

/** Lists names, modes and hashes of the kept files, so that a damaged program is not run. */
async function sumsOf(dir: string): Promise<string> {
  const sums: unknown[] = [];
  for (const { name, path, stat: found } of await walkTree(join(dir, 'scripts')))
    if (found.isFile()) sums.push([name, found.mode & 0o777, await hashFile(path)]);
  return JSON.stringify(sums);
}
