import { readlinkSync } from 'node:fs';
import { walkTree } from './walk-tree.ts';

/** A directory of the user, as a fingerprint sees it. */
export interface ListedTree {
  /** The regular files, labelled `<label>/<path>`. */
  readonly files: Readonly<Record<string, string>>;
  /** Everything but the bytes of the files: each name with its mode, and the targets of links. */
  readonly layout: readonly string[];
}

/** Lists everything below a directory, in order. */
export async function listTree(dir: string, label: string): Promise<ListedTree> {
  const files: Record<string, string> = {};
  const layout: string[] = [];
  for (const { name, path, stat } of await walkTree(dir)) {
    const target = stat.isSymbolicLink() ? ` -> ${readlinkSync(path)}` : '';
    layout.push(`${stat.mode.toString(8)} ${name}${target}`);
    if (stat.isFile()) files[`${label}/${name}`] = path;
  }
  return { files, layout };
}
