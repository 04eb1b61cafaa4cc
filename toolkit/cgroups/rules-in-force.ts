import {
  joinRights,
  overlap,
  readRule,
  ruleText,
  sameDevices,
  withoutRights,
  type DeviceRule,
  type RuleEffect,
  type RuleLine,
} from './device-rule.ts';

/** A rule in force and the indexes of the lines that made it. */
export interface ForcedRule {
  /** Undefined for a path or another text that is passed on unchanged. */
  readonly rule: DeviceRule | undefined;
  readonly text: string;
  readonly lines: readonly number[];
}

/** The result of a list of device rules after all its lines are read. */
export interface RulesInForce {
  /** The effect for devices without a rule. */
  readonly otherwise: RuleEffect;
  /** The line that sets it; undefined for the initial default. */
  readonly otherwiseLine: number | undefined;
  /** The exceptions: allowed devices if all others are denied, denied devices if all others are allowed. */
  readonly exceptions: readonly ForcedRule[];
  /** Lines without effect: they repeat the default, or ask for something that rules cannot express. */
  readonly idle: readonly number[];
  /** Idle lines that are not fulfilled: the device stays open, or closed. */
  readonly broken: readonly number[];
  /** Lines that a later `a` line cancelled. */
  readonly overridden: readonly number[];
}

/**
 * Reads the rules as the devices controller of cgroup v1 does (devcgroup_update_access(), dev_exception_add() and
 * dev_exception_rm() in the kernel's security/device_cgroup.c): at first everything is allowed, exceptions with the same
 * numbers are joined, and a rule that repeats the default only reduces an exception with exactly the same numbers.
 */
export function rulesOfV1(lines: readonly RuleLine[], atFirst: RuleEffect = 'allow'): RulesInForce {
  let otherwise = atFirst;
  let otherwiseLine: number | undefined;
  let exceptions: ForcedRule[] = [];
  const idle: number[] = [];
  const overridden: number[] = [];
  for (const [index, { effect, value }] of lines.entries()) {
    // The kernel reads this as all devices, whatever follows the letter.
    if (/^a(?:\s|$)/.test(value)) {
      overridden.push(...exceptions.flatMap((one) => one.lines));
      if (otherwiseLine !== undefined) overridden.push(otherwiseLine);
      otherwise = effect;
      otherwiseLine = index;
      exceptions = [];
      continue;
    }
    const rule = readRule(value);
    const same = (one: ForcedRule): boolean =>
      rule === undefined || one.rule === undefined ? one.text === value : sameDevices(one.rule, rule);
    const found = exceptions.find(same);
    if (effect !== otherwise) {
      const joined =
        rule === undefined || found?.rule === undefined
          ? rule
          : { ...rule, rights: joinRights(found.rule.rights, rule.rights) };
      exceptions = replaced(exceptions, found, {
        rule: joined,
        text: joined === undefined ? value : ruleText(joined),
        lines: [...(found?.lines ?? []), index],
      });
      continue;
    }
    if (found === undefined) {
      idle.push(index);
      continue;
    }
    const rights =
      found.rule === undefined || rule === undefined ? '' : withoutRights(found.rule.rights, rule.rights);
    if (rights === found.rule?.rights) {
      idle.push(index);
    } else if (found.rule === undefined || rights === '') {
      overridden.push(...found.lines, index);
      exceptions = exceptions.filter((one) => one !== found);
    } else {
      const left = { ...found.rule, rights };
      exceptions = replaced(exceptions, found, {
        rule: left,
        text: ruleText(left),
        lines: [...found.lines, index],
      });
    }
  }
  return withBroken(lines, { otherwise, otherwiseLine, exceptions, idle, overridden });
}

/** A rule in LXC's list, in force or not. */
interface ListedRule {
  readonly rule: DeviceRule | undefined;
  /** The rights as written, which LXC uses to compare rules. */
  readonly text: string;
  effect: RuleEffect;
  lines: number[];
}

/**
 * Reads the rules as LXC does for its cgroup v2 program (bpf_list_add_device() and bpf_device_add() in LXC's
 * cgroup2_devices.c since 4.0.7): at first everything is denied, `a` clears the list, and rules that repeat the default
 * are left out of the program. A later rule reverses an earlier one only if the text is exactly the same.
 */
export function rulesOfV2(lines: readonly RuleLine[]): RulesInForce {
  let otherwise: RuleEffect = 'deny';
  let otherwiseLine: number | undefined;
  let listed: ListedRule[] = [];
  const idle: number[] = [];
  const overridden: number[] = [];
  const inForce = ({ effect }: ListedRule): boolean => effect !== otherwise;
  for (const [index, { effect, value }] of lines.entries()) {
    if (value === 'a') {
      overridden.push(...listed.flatMap((one) => one.lines));
      if (otherwiseLine !== undefined) overridden.push(otherwiseLine);
      otherwise = effect;
      otherwiseLine = index;
      listed = [];
      continue;
    }
    const same = listed.find((one) => one.text === value && inForce(one));
    if (same === undefined) {
      listed.push({ rule: readRule(value), text: value, effect, lines: [index] });
    } else if (same.effect === effect) {
      idle.push(index);
    } else {
      same.effect = effect;
      same.lines.push(index);
    }
  }
  for (const one of listed) {
    if (inForce(one)) continue;
    if (one.lines.length === 1) idle.push(...one.lines);
    else overridden.push(...one.lines);
  }
  const exceptions = listed.filter(inForce).map(({ rule, text, lines: own }) => ({ rule, text, lines: own }));
  return withBroken(lines, { otherwise, otherwiseLine, exceptions, idle, overridden });
}

function withBroken(lines: readonly RuleLine[], found: Omit<RulesInForce, 'broken'>): RulesInForce {
  const broken = found.idle.filter((index) => {
    const line = lines[index];
    const rule = line === undefined ? undefined : readRule(line.value);
    if (line?.effect !== found.otherwise || rule === undefined) return false;
    return found.exceptions.some((one) => (one.rule === undefined ? false : overlap(one.rule, rule)));
  });
  return { ...found, broken };
}

function replaced(
  exceptions: readonly ForcedRule[],
  found: ForcedRule | undefined,
  by: ForcedRule,
): ForcedRule[] {
  return found === undefined ? [...exceptions, by] : exceptions.map((one) => (one === found ? by : one));
}
