import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';

/**
 * The help for a file or folder that is not there: a name of that folder that is close to it.
 * `written` is the path as it stands in the text, so that the help can be pasted over it.
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
    return { help: `there is no folder ${dirname(written)}` };
  }
  const wanted = basename(missing);
  // Two names are not close for having the same ending.
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
