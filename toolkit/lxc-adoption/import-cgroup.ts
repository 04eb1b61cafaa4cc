import { cgroupValues, cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import { limitsIn } from '../cgroups/cgroup-settings.ts';
import { isDeviceSetting } from './config-rules.ts';
import { importDevices } from './import-devices.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import type { KeepRaw } from './import-mounts.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/**
 * Imports cgroup settings as `devices` and `limits` of a definition.
 *
 * @param unknownBefore Whether an included file could not be read.
 */
export function importCgroup(
  settings: readonly Setting[],
  unknownBefore: boolean,
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  findings: Findings,
): void {
  importDevices(settings.filter(isDeviceSetting), unknownBefore, draft, keepRaw, findings);
  importLimits(
    settings.filter((setting) => !isDeviceSetting(setting)),
    draft,
    keepRaw,
    findings,
  );
}

function importLimits(
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  findings: Findings,
): void {
  const limits = new Map<string, { readonly limit: string | number; readonly settings: Setting[] }>();
  const taken = new Set<Setting>();
  for (const version of ['v2', 'v1'] as const) {
    const own = settings.filter(({ row }) => cgroupVersion(row) === version);
    for (const [name, { limit, files }] of limitsIn(cgroupValues(own, version), version)) {
      const lines = own.filter(({ part }) => files.includes(part));
      for (const line of lines) taken.add(line);
      const there = limits.get(name);
      if (there === undefined) limits.set(name, { limit, settings: lines });
      else if (there.limit !== limit)
        for (const { line } of lines)
          findings.note(
            'left-out',
            placeOf(line.source),
            `limits.${name} is ${limit} on cgroup v1 but ${there.limit} on v2; a definition has one limit, here that of v2`,
          );
    }
  }
  for (const name of ['memory', 'swap', 'pids', 'cpu-shares', 'cpu-quota', 'cpus']) {
    const found = limits.get(name);
    if (found !== undefined) draft.set(['limits', name], found.limit, found.settings);
  }
  for (const setting of settings) {
    if (taken.has(setting) || isNoLimit(setting)) continue;
    keepRaw(setting, 'a definition cannot express it, and it applies only to this cgroup version');
  }
}

/** Whether a setting repeats the default. */
function isNoLimit({ part, value, row }: Setting): boolean {
  if (cgroupVersion(row) === 'v1')
    return value === '-1' && /^(?:memory\.(?:memsw\.)?limit_in_bytes|cpu\.cfs_quota_us)$/.test(part);
  return value.split(/\s/)[0] === 'max' && /^(?:memory\.(?:swap\.)?max|pids\.max|cpu\.max)$/.test(part);
}
