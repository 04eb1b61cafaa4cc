/** The effect of a rule, which is the end of its file's name: `allow` or `deny`. */
export type RuleEffect = 'allow' | 'deny';

/** A line of `devices.allow` or `devices.deny` in a configuration. */
export interface RuleLine {
  readonly effect: RuleEffect;
  /** "a", "c 1:3 rwm", "b 8:* r" */
  readonly value: string;
}

/** The devices of a rule; `a` means both kinds, `*` any number. */
export interface DevicePattern {
  readonly type: 'a' | 'b' | 'c';
  readonly major: string;
  readonly minor: string;
}

/** A rule with devices and rights. */
export interface DeviceRule extends DevicePattern {
  /** Some of `r`, `w` and `m`, in this order, each once. */
  readonly rights: string;
}

const RIGHTS = ['r', 'w', 'm'] as const;

const RULE = /^([abc])\s([0-9]+|\*):([0-9]+|\*)\s([rwm]{1,3})(?:\s.*)?$/;

/**
 * Parses a rule; undefined for `a` alone, and for a path, which LXC converts to numbers itself
 * (device_cgroup_rule_parse() in LXC's cgfsng.c, devcgroup_update_access() in the kernel's device_cgroup.c).
 */
export function readRule(value: string): DeviceRule | undefined {
  const [, type, major, minor, letters] = RULE.exec(value) ?? [];
  if (type === undefined || major === undefined || minor === undefined || letters === undefined)
    return undefined;
  return {
    type: type as DeviceRule['type'],
    major: plainNumber(major),
    minor: plainNumber(minor),
    rights: rightsOf(letters),
  };
}

/** Returns a rule as written in a configuration. */
export function ruleText({ type, major, minor, rights }: DeviceRule): string {
  return `${type} ${major}:${minor} ${rights}`;
}

export function sameDevices(a: DevicePattern, b: DevicePattern): boolean {
  return a.type === b.type && a.major === b.major && a.minor === b.minor;
}

/** Whether two rules have a device and a right in common. */
export function overlap(a: DeviceRule, b: DeviceRule): boolean {
  const meet = (one: string, other: string, any: string): boolean =>
    one === other || one === any || other === any;
  return (
    meet(a.type, b.type, 'a') &&
    meet(a.major, b.major, '*') &&
    meet(a.minor, b.minor, '*') &&
    RIGHTS.some((letter) => a.rights.includes(letter) && b.rights.includes(letter))
  );
}

/** Returns all rights of two rules, in the usual order. */
export function joinRights(a: string, b: string): string {
  return rightsOf(a + b);
}

/** Returns the rights of the first without those of the second. */
export function withoutRights(rights: string, taken: string): string {
  return RIGHTS.filter((letter) => rights.includes(letter) && !taken.includes(letter)).join('');
}

/** Splits a rule by kind of device: cgroup v1 has no rule for both kinds with a number. */
export function byKind(rule: DeviceRule): DeviceRule[] {
  return rule.type === 'a' ? (['c', 'b'] as const).map((type) => ({ ...rule, type })) : [rule];
}

function rightsOf(letters: string): string {
  return RIGHTS.filter((letter) => letters.includes(letter)).join('');
}

function plainNumber(text: string): string {
  return text === '*' ? text : text.replace(/^0+(?=[0-9])/, '');
}
