import { cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import type { KeepRaw } from './import-mounts.ts';
import { placeOf } from '../lxc-keys/read-config.ts';
import { ruleLines, rulesOf } from './config-rules.ts';
import { noteRemarks } from './note-remarks.ts';
import { deviceName } from '../cgroups/device-names.ts';
import { byKind, ruleText } from '../cgroups/device-rule.ts';
import { rulesOfV1, rulesOfV2, type RulesInForce } from '../cgroups/rules-in-force.ts';

/** Imports device rules as `devices` of a definition, which denies all and then allows some; other rules stay in `raw`. */
export function importDevices(
  settings: readonly Setting[],
  unknownBefore: boolean,
  draft: DraftDefinition,
  keepRaw: KeepRaw,
  findings: Findings,
): void {
  const [old, modern] = [rulesOf(settings, 'v1'), rulesOf(settings, 'v2')];
  const [version, chosen] = modern.length > 0 ? (['v2', modern] as const) : (['v1', old] as const);
  if (chosen.length === 0) return;
  const lines = ruleLines(chosen);
  const inForce = version === 'v1' ? rulesOfV1(lines) : rulesOfV2(lines);
  if (unknownBefore && inForce.otherwiseLine === undefined) {
    for (const setting of settings)
      keepRaw(setting, 'its effect depends on the rules of a file that could not be read');
    return;
  }
  noteRemarks(chosen, version, 'left-out', findings);
  const allowed = allowedDevices(inForce);
  if (allowed !== undefined) {
    noteOthers(chosen === modern ? old : [], allowed, findings);
    // One part: if one rule must go, the whole list goes, because the order of rules counts.
    draft.set(['devices', 'allow'], allowed, chosen);
  } else if (inForce.otherwise === 'allow' && inForce.exceptions.length === 0) {
    for (const { line } of chosen)
      findings.note(
        'left-out',
        placeOf(line.source),
        'every device is open, as in a definition without devices',
      );
  } else {
    for (const setting of settings)
      keepRaw(setting, 'a definition denies all devices first and then allows some; these lines do not');
  }
}

/** Returns the allowed devices if all others are denied; undefined otherwise, and for paths. */
function allowedDevices({ otherwise, exceptions }: RulesInForce): string[] | undefined {
  if (otherwise === 'allow') return undefined;
  const rules = exceptions.map(({ rule }) => rule);
  if (rules.includes(undefined)) return undefined;
  return rules.flatMap((rule) => (rule === undefined ? [] : byKind(rule).map(ruleText).map(deviceName)));
}

function noteOthers(other: readonly Setting[], allowed: readonly string[], findings: Findings): void {
  if (other.length === 0) return;
  const theirs = allowedDevices(rulesOfV1(ruleLines(other)));
  if (theirs?.join() === allowed.join()) return;
  for (const { line, value, row } of other)
    findings.note(
      'left-out',
      placeOf(line.source),
      `the devices of cgroup ${cgroupVersion(row) ?? 'v1'} and v2 differ; a definition has one list, here that of v2`,
      allowed.includes(deviceName(value)) || value === 'a' ? undefined : `add "${value}" to devices.allow`,
    );
}
