import { byKind, ruleText, type DeviceRule, type RuleEffect, type RuleLine } from './device-rule.ts';
import { rulesOfV1, rulesOfV2, type ForcedRule, type RulesInForce } from './rules-in-force.ts';

/** A rule for the other cgroup version. */
export interface WrittenRule extends RuleLine {
  /** The lines it stands for, by their index; empty for one that says what went without saying before. */
  readonly lines: readonly number[];
}

/** A rule that the other version cannot have. */
export interface UnsayableRule {
  readonly rule: DeviceRule;
  readonly lines: readonly number[];
}

export interface TranslatedRules {
  /** The rules of the version they came from. */
  readonly inForce: RulesInForce;
  readonly written: readonly WrittenRule[];
  readonly unsayable: readonly UnsayableRule[];
}

/** On cgroup v2 LXC loads a program only for a list that is not empty; a second rule for all devices fills it. */
export const CLOSE_ALL: RuleLine = { effect: 'deny', value: 'a *:* rwm' };

/** The rules of one cgroup version in the words of the other, so that the same opens of devices pass. */
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
 * The program of cgroup v2 denies an open when the rule has every right that is asked for; v1 when it has any of them.
 * The kernel asks for `r`, `w` or both at an open, and for `m` alone at mknod(2).
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
  // Rules for the same numbers are one exception in v1, whatever their rights.
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

/** A rule that a single line makes stays as it is written there. */
function writtenText({ text, lines: own }: ForcedRule, lines: readonly RuleLine[]): string {
  const [only, ...more] = own;
  return only !== undefined && more.length === 0 ? (lines[only]?.value ?? text) : text;
}

function opposite(effect: RuleEffect): RuleEffect {
  return effect === 'allow' ? 'deny' : 'allow';
}
