import { conceptOf } from './concept-keys.ts';
import type { Setting } from './config-settings.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { KeepRaw } from './import-mounts.ts';

/**
 * Includes of files that are not here; those that are have been read in their place. A definition has its includes
 * read before everything else, so one that comes later in the configuration stays a raw line.
 */
export function importIncludes(
  includes: readonly Setting[],
  all: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
): void {
  const first = all.findIndex(({ row }) => conceptOf(row) !== 'include');
  for (const setting of includes) {
    if (first === -1 || all.indexOf(setting) < first) draft.add(['include'], setting.value, [setting]);
    else {
      const why = setting.line.unreadable ?? '';
      keepRaw(setting, `the file is not here (${why}), so what it sets is not in the definition`);
    }
  }
}
