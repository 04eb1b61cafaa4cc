import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import type { LxcBuildPlan, SourceEdit } from './recipe.ts';

/** Makes a plan's changes in a writable copy of the source. Throws STEP_FAILED if the text to change is missing. */
export async function applyEdits(tree: string, { edits, series }: LxcBuildPlan): Promise<void> {
  for (const edit of edits) {
    const file = join(tree, edit.file);
    const text = await readFile(file, 'utf8').catch(() => '');
    const changed = applyEdit(text, edit);
    if (changed === undefined) {
      const from = typeof edit.from === 'string' ? `"${edit.from}"` : `line like ${edit.from.pattern}`;
      throw new KitError('STEP_FAILED', `${edit.file} of this LXC has no ${from} to change`, {
        hint: `the recipe for ${series} does not fit this source; the reason for the change is: ${edit.reason}`,
      });
    }
    await writeFile(file, changed);
  }
}

/** Returns the edited text; undefined when there is nothing to change. */
export function applyEdit(text: string, { from, to }: SourceEdit): string | undefined {
  const pattern = typeof from === 'string' ? undefined : new RegExp(from.pattern, 'gm');
  if (pattern === undefined ? !text.includes(from as string) : !pattern.test(text)) return undefined;
  return pattern === undefined ? text.replaceAll(from as string, to) : text.replace(pattern, to);
}
