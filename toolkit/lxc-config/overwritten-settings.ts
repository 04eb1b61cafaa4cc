import { modernName } from './effective-settings.ts';
import type { Setting } from './read-settings.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/**
 * Returns settings of keys that count once and that a later line of the same file sets again, with the setting that
 * overwrites each. The usual case is two blocks for one interface, of which the later lines win.
 */
export function overwrittenSettings(settings: readonly Setting[]): ReadonlyMap<Setting, Setting> {
  const overwritten = new Map<Setting, Setting>();
  const last = new Map<string, Setting>();
  for (const setting of settings) {
    const { row } = setting;
    if (row.type === 'clear') {
      // A setting that was cleared in between is not set twice.
      for (const name of last.keys()) if (name.startsWith(`${modernName(setting)}.`)) last.delete(name);
      continue;
    }
    if (row.repeated === true) continue;
    const name = modernName(setting);
    const before = last.get(name);
    if (before?.line.source.file === setting.line.source.file) overwritten.set(before, setting);
    last.set(name, setting);
  }
  return overwritten;
}

/** Notes lines that a later line overwrites with another value. */
export function noteOverwritten(overwritten: ReadonlyMap<Setting, Setting>, findings: Findings): void {
  for (const [before, after] of overwritten) {
    const isType = modernName(before).endsWith('.type');
    if (before.value === after.value && !isType) continue;
    findings.note(
      'left-out',
      placeOf(before.line.source),
      isType
        ? `interface ${before.index ?? 0} has a second block from line ${after.line.source.number} on: it is the same interface to LXC, so the later lines overwrite these`
        : `overwritten by line ${after.line.source.number}: LXC uses the last ${modernName(before)}`,
    );
  }
}
