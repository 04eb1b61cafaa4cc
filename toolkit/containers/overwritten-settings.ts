import { modernName } from './effective-settings.ts';
import type { Setting } from './config-settings.ts';
import type { Findings } from './findings.ts';
import { placeOf } from './read-config.ts';

/**
 * Settings of keys that count once, which a later line of the same file sets again; by the setting that overwrites
 * them. Two blocks for one interface are the usual case: there is one interface, and the later lines win.
 */
export function overwrittenSettings(settings: readonly Setting[]): ReadonlyMap<Setting, Setting> {
  const overwritten = new Map<Setting, Setting>();
  const last = new Map<string, Setting>();
  for (const setting of settings) {
    const { row } = setting;
    if (row.type === 'clear') {
      // What it empties is not set twice.
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

/** Says which lines do not count because a later one sets the same; two that say the same are not worth a word. */
export function noteOverwritten(overwritten: ReadonlyMap<Setting, Setting>, findings: Findings): void {
  for (const [before, after] of overwritten) {
    const isType = modernName(before).endsWith('.type');
    if (before.value === after.value && !isType) continue;
    findings.note(
      'left-out',
      placeOf(before.line.source),
      isType
        ? `the interface ${before.index ?? 0} has a second block from line ${after.line.source.number} on: LXC has one interface, and the later lines overwrite these`
        : `overwritten by line ${after.line.source.number}: LXC takes the last ${modernName(before)}`,
    );
  }
}
