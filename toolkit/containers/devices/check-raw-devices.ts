import { cgroupLayouts, type CgroupLayout } from '../cgroup-settings.ts';
import { findKeyOfAnyRelease } from '../key-table.ts';
import type { ConfigLine } from '../line-writer.ts';
import type { ProblemList } from '../problem-list.ts';
import { remarkOnBroken, remarkOnUnsayable, remarkOnWhole } from './describe-rules.ts';
import type { RuleEffect, RuleLine } from './device-rule.ts';
import { rulesOfV1, rulesOfV2 } from './rules-in-force.ts';
import { translateRules } from './translate-rules.ts';

type CgroupVersion = 'v1' | 'v2';

const FAMILIES: Readonly<Record<CgroupVersion, string>> = { v1: 'lxc.cgroup.', v2: 'lxc.cgroup2.' };

/** The cgroup version that a line of device rules is for; undefined for other lines. */
export function deviceRuleVersion(key: string): CgroupVersion | undefined {
  if (!/\.devices\.(?:allow|deny)$/.test(key) || findKeyOfAnyRelease(key)?.type !== 'map') return undefined;
  return key.startsWith(FAMILIES.v2) ? 'v2' : 'v1';
}

/** Raw device rules of the cgroup version that the board does not have, in the words of its own; a sentence that says so. */
export function rulesForBoard(lines: readonly ConfigLine[], cgroup: CgroupLayout): string {
  const { version } = cgroupLayouts[cgroup];
  const rules = lines.map(ruleLine);
  const { written, unsayable } = translateRules(rules, version === 'v1' ? 'v2' : 'v1');
  const [refused] = unsayable;
  if (refused !== undefined) {
    const { message, help } = remarkOnUnsayable(refused);
    return `${message}: ${help}`;
  }
  const texts = written.map(({ effect, value }) => `${FAMILIES[version]}devices.${effect} = ${value}`);
  return texts.length === 0
    ? `leave the line out: cgroup ${version} does that unasked`
    : `in place of all its device rules, write ${texts.join('; ')}`;
}

/** Adds a problem for each raw rule that would not be in force, as all rules of the container are read together. */
export function checkRawDevices(
  container: string,
  definition: readonly ConfigLine[],
  raw: readonly ConfigLine[],
  cgroup: CgroupLayout,
  problems: ProblemList,
): void {
  const { version } = cgroupLayouts[cgroup];
  const own = ({ key, value }: ConfigLine): boolean => deviceRuleVersion(key) === version && value !== '';
  const lines = [...definition, ...raw].filter(own);
  const first = lines.find((line) => raw.includes(line));
  if (first === undefined) return;
  const rules = lines.map(ruleLine);
  const inForce = version === 'v1' ? rulesOfV1(rules) : rulesOfV2(rules);
  const whole = version === 'v2' ? remarkOnWhole(rules, inForce) : undefined;
  if (whole !== undefined)
    problems.error(first.path ?? ['raw'], `${container}: ${whole.message}`, whole.help);
  for (const index of inForce.broken) {
    const remark = remarkOnBroken(index, rules, inForce, version);
    const line = lines[index];
    if (remark !== undefined && line !== undefined)
      problems.error(line.path ?? ['raw'], `${container}: ${remark.message}`, remark.help);
  }
}

function ruleLine({ key, value }: ConfigLine): RuleLine {
  return { effect: key.replace(/^.*\./, '') as RuleEffect, value };
}
