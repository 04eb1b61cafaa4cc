import { cgroupValues, cgroupVersion, type Setting } from './config-settings.ts';
import { limitsIn } from './cgroup-settings.ts';
import { deviceName } from './device-rules.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { Findings } from './findings.ts';
import type { KeepRaw } from './import-mounts.ts';
import { placeOf } from './read-config.ts';

/** Settings of cgroups as `devices` and `limits` of a definition. */
export function importCgroup(
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  findings: Findings,
): void {
  const isDevice = ({ part }: Setting): boolean => /^devices\.(?:allow|deny)$/.test(part);
  importDevices(settings.filter(isDevice), draft, keepRaw, findings);
  importLimits(
    settings.filter((setting) => !isDevice(setting)),
    draft,
    keepRaw,
    findings,
  );
}

function importDevices(
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  findings: Findings,
): void {
  const of = (version: 'v1' | 'v2'): Setting[] =>
    settings.filter(({ row }) => cgroupVersion(row) === version);
  const [old, modern] = [of('v1'), of('v2')];
  const chosen = modern.length > 0 ? modern : old;
  if (chosen.length === 0) return;
  const allowed = deniedBut(chosen);
  if (allowed === undefined) {
    for (const setting of settings)
      keepRaw(setting, 'a definition denies all devices first and then allows some, and these lines do not');
    return;
  }
  const names = allowed.map(({ value }) => deviceName(value));
  const other = chosen === modern ? old : [];
  if (
    other.length > 0 &&
    deniedBut(other)
      ?.map(({ value }) => deviceName(value))
      .join() !== names.join()
  ) {
    for (const { line, value } of other)
      findings.note(
        'left-out',
        placeOf(line.source),
        `the devices of cgroup v1 and v2 are not the same here; a definition has one list, made of those of v2`,
        names.includes(deviceName(value)) || value === 'a' ? undefined : `add "${value}" to devices.allow`,
      );
  }
  // One part: a single rule that cannot stay takes the whole list with it, because the order of rules counts.
  draft.set(['devices', 'allow'], names, chosen);
}

/** The devices that are allowed where everything was denied before; undefined when it was not. */
function deniedBut(settings: readonly Setting[]): Setting[] | undefined {
  const [first, ...rest] = settings;
  if (first?.part !== 'devices.deny' || !/^a(?: \*:\* rwm)?$/.test(first.value)) return undefined;
  return rest.every(({ part, value }) => part === 'devices.allow' && /^[bc] /.test(value)) ? rest : undefined;
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
            `limits.${name} is ${limit} on cgroup v1 and ${there.limit} on v2 here; a definition has one limit, that of v2`,
          );
    }
  }
  for (const name of ['memory', 'swap', 'pids', 'cpu-shares', 'cpu-quota', 'cpus']) {
    const found = limits.get(name);
    if (found !== undefined) draft.set(['limits', name], found.limit, found.settings);
  }
  for (const setting of settings) {
    if (taken.has(setting) || isNoLimit(setting)) continue;
    keepRaw(setting, 'a definition has no word for it, and it holds only on this version of cgroup');
  }
}

/** Settings that say what is so anyway. */
function isNoLimit({ part, value, row }: Setting): boolean {
  if (cgroupVersion(row) === 'v1')
    return value === '-1' && /^(?:memory\.(?:memsw\.)?limit_in_bytes|cpu\.cfs_quota_us)$/.test(part);
  return value.split(/\s/)[0] === 'max' && /^(?:memory\.(?:swap\.)?max|pids\.max|cpu\.max)$/.test(part);
}
