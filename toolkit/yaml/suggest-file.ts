import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';

/**
 * Returns the help for a missing file or folder: a similar name in the same folder.
 * `written` is the path as the user wrote it, so that the suggestion can replace it.
 */
export async function suggestFile(
  missing: string,
  written: string,
  kind: 'file' | 'directory',
): Promise<{ help?: string }> {
  const folder = dirname(missing);
  let names: string[];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    names = entries.filter((entry) => kind === 'file' || !entry.isFile()).map((entry) => entry.name);
  } catch {
    return { help: `the folder ${dirname(written)} does not exist` };
  }
  const wanted = basename(missing);
  // A common extension does not make two names similar.
  const close = names.filter(
    (name) => stem(name) === stem(wanted) || didYouMean(stem(wanted), [stem(name)]) !== undefined,
  );
  const name = didYouMean(wanted, close.sort());
  if (name === undefined) return {};
  return { help: `did you mean "${written.slice(0, written.length - basename(written).length)}${name}"?` };
}

function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '');
}
