import { ruleText, type RuleLine } from './device-rule.ts';
import type { RulesInForce } from './rules-in-force.ts';
import type { UnsayableRule } from './translate-rules.ts';

/** A sentence about a rule, and the advice. */
export interface RuleRemark {
  readonly message: string;
  readonly help?: string;
}

/** Says why a rule does not have the effect it states; undefined when it does. */
export function remarkOnBroken(
  index: number,
  lines: readonly RuleLine[],
  inForce: RulesInForce,
  version: 'v1' | 'v2',
): RuleRemark | undefined {
  const line = lines[index];
  if (line === undefined || !inForce.broken.includes(index)) return undefined;
  const { effect, value } = line;
  const verb = effect === 'deny' ? 'denies' : 'allows';
  const opposite = effect === 'deny' ? 'allow' : 'deny';
  const why =
    version === 'v2'
      ? `on cgroup v2 LXC skips a rule that ${verb} after "${effect} = a", unless it repeats an ${opposite} rule word for word`
      : `on cgroup v1 this revokes only an ${opposite} rule with the same numbers`;
  return {
    message: `devices.${effect} = ${value} is not in force: ${why.replace('an deny', 'a deny')}`,
    help:
      effect === 'deny'
        ? 'allow only the devices that the container needs, one by one, and remove the deny'
        : 'deny only the devices that the container must not use, one by one, and remove the allow',
  };
}

/** Says what is wrong with all rules together, as LXC reads them for cgroup v2; undefined when nothing is. */
export function remarkOnWhole(lines: readonly RuleLine[], inForce: RulesInForce): RuleRemark | undefined {
  if (lines.length === 0 || inForce.otherwise === 'allow') return undefined;
  const kept = lines.some(
    (_, index) => index !== inForce.otherwiseLine && !inForce.overridden.includes(index),
  );
  if (!kept)
    return {
      message: 'every device is open: on cgroup v2 LXC loads no program if no rule follows "deny = a"',
      help: 'add a line lxc.cgroup2.devices.deny = a *:* rwm after it',
    };
  if (inForce.otherwiseLine === undefined && lines.every(({ effect }) => effect === 'deny'))
    return {
      message: 'every device is denied: on cgroup v2 LXC starts from "deny = a", and these rules only deny',
      help: 'add a line lxc.cgroup2.devices.allow = a before them',
    };
  return undefined;
}

/** Says why cgroup v2 cannot express a rule of v1. */
export function remarkOnUnsayable({ rule }: UnsayableRule): Required<RuleRemark> {
  const wide = ruleText({ ...rule, rights: rule.rights.includes('m') ? 'rwm' : 'rw' });
  return {
    message:
      `cgroup v2 cannot deny ${ruleText(rule)} and allow the rest: LXC's program denies an open only if every requested right is denied, ` +
      'so an open for reading and writing would pass',
    help: `write devices.deny = ${wide}, or devices.deny = a and then the allowed devices`,
  };
}
