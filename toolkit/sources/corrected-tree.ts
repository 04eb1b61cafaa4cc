import { existsSync } from 'node:fs';
import { chmod, cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { KitError } from '../base/errors.ts';
import { editText } from '../base/text-edit.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import { hashBytes } from '../host/hash-file.ts';
import { inStore } from '../host/own-folders.ts';
import { removeTree } from '../host/remove-tree.ts';
import { fillDir, keepTree } from '../unpack/keep-tree.ts';
import { unpackTree, type UnpackContext } from '../unpack/unpack.ts';
import { corrections, correctionsFor, type Correction } from './corrections.ts';
import { versionOfTree } from './version.ts';

/** A correction that was made, as the manifest names it. */
export type MadeCorrection = Pick<Correction, 'file' | 'reason' | 'upstream'>;

/** The tree that a component is compiled from. */
export interface CorrectedTree {
  readonly dir: string;
  /** The changes in it, in the order of the table. */
  readonly corrections: readonly MadeCorrection[];
}

/**
 * Returns a source's unpacked tree with the corrections for its release. They are made in a copy: in the store beside
 * the tree of a tarball, in the step's work directory for a directory of the user's. Without corrections it is the tree
 * itself.
 * Throws STEP_FAILED when a file has neither the text to correct nor the corrected one, and as `unpackTree` does.
 */
export async function correctedTree(
  source: ResolvedSource,
  context: UnpackContext & Pick<SourceContext, 'workDir'>,
  rows: readonly Correction[] = corrections,
): Promise<CorrectedTree> {
  const tree = await unpackTree(source, context);
  const version = source.version ?? (await versionOfTree(source.component, tree));
  // A release that even its tree does not name is compiled as it is.
  const wanted = version === undefined ? [] : correctionsFor(source.component, version, rows);
  const { texts, made } = await correctTexts(tree, wanted, { ...source, version });
  if (made.length === 0) return { dir: tree, corrections: [] };
  const dir = await copyWith(texts, tree, source, context);
  return { dir, corrections: made.map(({ file, reason, upstream }) => ({ file, reason, upstream })) };
}

/** Returns the corrected texts by file, and the rows that changed something. */
async function correctTexts(
  tree: string,
  rows: readonly Correction[],
  source: Pick<ResolvedSource, 'component' | 'version' | 'origin'>,
): Promise<{ texts: ReadonlyMap<string, string>; made: Correction[] }> {
  const texts = new Map<string, string>();
  const made: Correction[] = [];
  for (const row of rows) {
    const text = texts.get(row.file) ?? (await readFile(join(tree, row.file), 'utf8').catch(() => ''));
    if (text.includes(row.to)) continue;
    const changed = editText(text, row);
    if (changed === undefined) throw notThere(row, source);
    texts.set(row.file, changed);
    made.push(row);
  }
  return { texts, made };
}

function notThere(
  { file, from, to, reason, upstream }: Correction,
  { component, version = '', origin }: Pick<ResolvedSource, 'component' | 'version' | 'origin'>,
): KitError {
  const message = `${file} of this ${component} ${version} does not have the text that lxc-kit corrects in it`;
  return new KitError('STEP_FAILED', message, {
    lines: [
      `expected  ${from.trim()}`,
      `or        ${to.trim()}`,
      `in        ${origin}`,
      `the correction is needed because ${reason} (${upstream})`,
    ],
    hint: `take the unchanged source of ${component} ${version}, or write the second text into yours`,
  });
}

/** Makes a copy of a tree with other texts in some files, and returns its directory. */
async function copyWith(
  texts: ReadonlyMap<string, string>,
  tree: string,
  source: ResolvedSource,
  context: Pick<SourceContext, 'storeDir' | 'workDir' | 'signal'>,
): Promise<string> {
  const users = source.treeDir !== undefined;
  const identity = hashBytes(JSON.stringify([source.sha256, ...texts])).slice(0, 16);
  const dir = users
    ? join(context.workDir, 'corrected')
    : inStore(context.storeDir, 'trees', `${source.component}-corrected-${identity}`);
  if (users) await removeTree(dir);
  else if (existsSync(dir)) return dir;
  const make = (): Promise<void> =>
    fillDir(dir, context, async (temporaryDir) => {
      const copy = join(temporaryDir, 'tree');
      await cp(tree, copy, {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        // Git's files are not compiled, and may be larger than the rest.
        filter: (from) => relative(tree, from) !== '.git',
      });
      for (const [name, text] of texts) await replaceText(join(copy, name), text);
      return copy;
    });
  if (users) await make();
  else await keepTree(dir, make);
  return dir;
}

/** Writes a file of a read-only tree and leaves its mode as it is. */
async function replaceText(file: string, text: string): Promise<void> {
  const { mode } = await stat(file);
  await chmod(file, 0o644);
  await writeFile(file, text);
  await chmod(file, mode & 0o7777);
}
