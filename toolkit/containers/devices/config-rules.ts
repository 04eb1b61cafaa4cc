import { cgroupVersion, type Setting } from '../config-settings.ts';
import type { RuleEffect, RuleLine } from './device-rule.ts';

const FILE = /^devices\.(allow|deny)$/;

/** A setting as a line of device rules; undefined when it is none, or only empties its file's list. */
export function ruleLineOf({
  part,
  value,
  row,
}: Pick<Setting, 'part' | 'value' | 'row'>): RuleLine | undefined {
  const [, effect] = FILE.exec(part) ?? [];
  if (effect === undefined || value === '' || cgroupVersion(row) === undefined) return undefined;
  return { effect: effect as RuleEffect, value };
}

/** A setting that is about device rules, those that empty a list among them. */
export function isDeviceSetting({ part, row }: Pick<Setting, 'part' | 'row'>): boolean {
  return FILE.test(part) && cgroupVersion(row) !== undefined;
}

/** The rules of one cgroup version, in the order in which they are written into it. */
export function rulesOf(settings: readonly Setting[], version: 'v1' | 'v2'): Setting[] {
  return settings.filter((one) => cgroupVersion(one.row) === version && ruleLineOf(one) !== undefined);
}

/** Lines of rules, without the settings they come from. */
export function ruleLines(settings: readonly Setting[]): RuleLine[] {
  return settings.flatMap((one) => ruleLineOf(one) ?? []);
}
