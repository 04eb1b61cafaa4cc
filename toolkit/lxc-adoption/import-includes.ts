import { conceptOf } from '../lxc-keys/concept-keys.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { KeepRaw } from './import-mounts.ts';

/**
 * Imports includes of files that could not be read; the others have been read in their place. A definition reads its
 * includes before everything else, so a later include stays a raw line.
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
      keepRaw(setting, `the file could not be read (${why}), so its settings are not in the definition`);
    }
  }
}
