import { byKind, ruleText, type DeviceRule, type RuleEffect, type RuleLine } from './device-rule.ts';
import { rulesOfV1, rulesOfV2, type ForcedRule, type RulesInForce } from './rules-in-force.ts';

/** A rule for the other cgroup version. */
export interface WrittenRule extends RuleLine {
  /** The indexes of the lines it replaces; empty for a rule that states the other version's default. */
  readonly lines: readonly number[];
}

/** A rule that the other version cannot express. */
export interface UnsayableRule {
  readonly rule: DeviceRule;
  readonly lines: readonly number[];
}

export interface TranslatedRules {
  /** The rules of the original version. */
  readonly inForce: RulesInForce;
  readonly written: readonly WrittenRule[];
  readonly unsayable: readonly UnsayableRule[];
}

/** A second rule for all devices: on cgroup v2 LXC loads a program only if the list is not empty. */
export const CLOSE_ALL: RuleLine = { effect: 'deny', value: 'a *:* rwm' };

/** Translates the rules of one cgroup version to the other, so that the same opens of devices succeed. */
export function translateRules(
  lines: readonly RuleLine[],
  from: 'v1' | 'v2',
  atFirst?: RuleEffect,
): TranslatedRules {
  return from === 'v1' ? toV2(lines, atFirst) : toV1(lines);
}

function toV2(lines: readonly RuleLine[], atFirst: RuleEffect | undefined): TranslatedRules {
  const inForce = rulesOfV1(lines, atFirst);
  const { otherwise, exceptions } = inForce;
  const unsayable: UnsayableRule[] = [];
  const rules = exceptions.flatMap((one): WrittenRule[] => {
    if (otherwise === 'allow' && one.rule !== undefined && !deniedWhole(one.rule.rights)) {
      unsayable.push({ rule: one.rule, lines: one.lines });
      return [];
    }
    return [{ effect: opposite(otherwise), value: writtenText(one, lines), lines: one.lines }];
  });
  const nothing = otherwise === 'allow' && rules.length === 0 && inForce.otherwiseLine === undefined;
  const closed = otherwise === 'deny' && rules.length === 0;
  const written = [
    ...(nothing ? [] : [leading(inForce)]),
    ...(closed ? [{ ...CLOSE_ALL, lines: leading(inForce).lines }] : []),
    ...rules,
  ];
  return { inForce, written, unsayable };
}

/**
 * The program of cgroup v2 denies an open if the rule has every requested right; v1 does so if it has any of them.
 * The kernel requests `r`, `w` or both for an open, and only `m` for mknod(2).
 */
function deniedWhole(rights: string): boolean {
  return rights.includes('r') === rights.includes('w');
}

function toV1(lines: readonly RuleLine[]): TranslatedRules {
  const inForce = rulesOfV2(lines);
  const effect = opposite(inForce.otherwise);
  const split = inForce.exceptions.flatMap((one) => {
    if (one.rule?.type !== 'a') return [{ effect, value: writtenText(one, lines), lines: one.lines }];
    return byKind(one.rule).map((rule) => ({ effect, value: ruleText(rule), lines: one.lines }));
  });
  // In v1, rules with the same numbers are one exception, whatever their rights.
  const joined = rulesOfV1(split, inForce.otherwise).exceptions.map((one) => ({
    effect,
    value: one.lines.length === 1 ? (split[one.lines[0] ?? 0]?.value ?? one.text) : one.text,
    lines: one.lines.flatMap((index) => split[index]?.lines ?? []),
  }));
  return { inForce, written: [leading(inForce), ...joined], unsayable: [] };
}

function leading({ otherwise, otherwiseLine }: RulesInForce): WrittenRule {
  return { effect: otherwise, value: 'a', lines: otherwiseLine === undefined ? [] : [otherwiseLine] };
}

/** Returns the text of a rule; a rule from a single line keeps the text of that line. */
function writtenText({ text, lines: own }: ForcedRule, lines: readonly RuleLine[]): string {
  const [only, ...more] = own;
  return only !== undefined && more.length === 0 ? (lines[only]?.value ?? text) : text;
}

function opposite(effect: RuleEffect): RuleEffect {
  return effect === 'allow' ? 'deny' : 'allow';
}
