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

/** A rule in force, and the lines that made it, by their index. */
export interface ForcedRule {
  /** A path or another text that is handed on as it is has none. */
  readonly rule: DeviceRule | undefined;
  readonly text: string;
  readonly lines: readonly number[];
}

/** What a list of device rules comes to once all its lines are read. */
export interface RulesInForce {
  /** What holds for every device that no rule names. */
  readonly otherwise: RuleEffect;
  /** The line that says so; undefined where no line does and it is so from the start. */
  readonly otherwiseLine: number | undefined;
  /** The exceptions: what is allowed where all else is denied, what is denied where all else is allowed. */
  readonly exceptions: readonly ForcedRule[];
  /** Lines that change nothing: they say what holds anyway, or ask for what the rules cannot do. */
  readonly idle: readonly number[];
  /** Those of the idle lines that do not hold: the device is open, or closed, all the same. */
  readonly broken: readonly number[];
  /** Lines that a later one of `a` did away with. */
  readonly overridden: readonly number[];
}

/**
 * The rules as the devices controller of cgroup v1 takes them (devcgroup_update_access(), dev_exception_add() and
 * dev_exception_rm() in the kernel's security/device_cgroup.c): all is allowed at first, exceptions of the same numbers
 * are joined, and a rule against the default only takes away from an exception of exactly the same numbers.
 */
export function rulesOfV1(lines: readonly RuleLine[], atFirst: RuleEffect = 'allow'): RulesInForce {
  let otherwise = atFirst;
  let otherwiseLine: number | undefined;
  let exceptions: ForcedRule[] = [];
  const idle: number[] = [];
  const overridden: number[] = [];
  for (const [index, { effect, value }] of lines.entries()) {
    // Whatever follows the letter, the kernel takes it for all devices.
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

/** A rule that LXC keeps in its list, in force or not. */
interface ListedRule {
  readonly rule: DeviceRule | undefined;
  /** By which LXC compares rules: the letters of the rights as they are written. */
  readonly text: string;
  effect: RuleEffect;
  lines: number[];
}

/**
 * The rules as LXC makes a program of them for cgroup v2 (bpf_list_add_device() and bpf_device_add() in LXC's
 * cgroup2_devices.c since 4.0.7): all is denied at first, `a` empties the list, and rules that say what holds anyway are
 * left out of the program. Only a rule in the very same words is turned round by a later one.
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
