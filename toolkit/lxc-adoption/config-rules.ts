import { cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import type { RuleEffect, RuleLine } from '../cgroups/device-rule.ts';

const FILE = /^devices\.(allow|deny)$/;

/** Returns a setting as a line of device rules; undefined when it is not one, or only clears the list. */
export function ruleLineOf({
  part,
  value,
  row,
}: Pick<Setting, 'part' | 'value' | 'row'>): RuleLine | undefined {
  const [, effect] = FILE.exec(part) ?? [];
  if (effect === undefined || value === '' || cgroupVersion(row) === undefined) return undefined;
  return { effect: effect as RuleEffect, value };
}

/** Whether a setting is a device rule, or clears a list of them. */
export function isDeviceSetting({ part, row }: Pick<Setting, 'part' | 'row'>): boolean {
  return FILE.test(part) && cgroupVersion(row) !== undefined;
}

/** Returns the rules of one cgroup version, in the order in which LXC writes them. */
export function rulesOf(settings: readonly Setting[], version: 'v1' | 'v2'): Setting[] {
  return settings.filter((one) => cgroupVersion(one.row) === version && ruleLineOf(one) !== undefined);
}

/** Returns lines of rules, without the settings they come from. */
export function ruleLines(settings: readonly Setting[]): RuleLine[] {
  return settings.flatMap((one) => ruleLineOf(one) ?? []);
}
