import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { describeWanted, editText } from '../base/text-edit.ts';
import type { LxcBuildPlan } from './recipe.ts';

/** Makes a plan's changes in a writable copy of the source. Throws STEP_FAILED if the text to change is missing. */
export async function applyEdits(tree: string, { edits, series }: LxcBuildPlan): Promise<void> {
  for (const edit of edits) {
    const file = join(tree, edit.file);
    const text = await readFile(file, 'utf8').catch(() => '');
    const changed = editText(text, edit);
    if (changed === undefined) {
      throw new KitError('STEP_FAILED', `${edit.file} of this LXC has no ${describeWanted(edit)} to change`, {
        hint: `the recipe for ${series} does not fit this source; the reason for the change is: ${edit.reason}`,
      });
    }
    await writeFile(file, changed);
  }
}
