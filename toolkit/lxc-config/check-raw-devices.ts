import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { findKeyOfAnyRelease } from '../lxc-keys/key-table.ts';
import type { ConfigLine } from '../lxc-keys/line-writer.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { remarkOnBroken, remarkOnUnsayable, remarkOnWhole } from '../cgroups/describe-rules.ts';
import type { RuleEffect, RuleLine } from '../cgroups/device-rule.ts';
import { rulesOfV1, rulesOfV2 } from '../cgroups/rules-in-force.ts';
import { translateRules } from '../cgroups/translate-rules.ts';

type CgroupVersion = 'v1' | 'v2';

const FAMILIES: Readonly<Record<CgroupVersion, string>> = { v1: 'lxc.cgroup.', v2: 'lxc.cgroup2.' };

/** Returns the cgroup version of a line of device rules; undefined for other lines. */
export function deviceRuleVersion(key: string): CgroupVersion | undefined {
  if (!/\.devices\.(?:allow|deny)$/.test(key) || findKeyOfAnyRelease(key)?.type !== 'map') return undefined;
  return key.startsWith(FAMILIES.v2) ? 'v2' : 'v1';
}

/** Returns the advice for raw device rules of the other cgroup version: the same rules for the board's own version. */
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
    ? `remove the line: cgroup ${version} does that by default`
    : `replace all its device rules with ${texts.join('; ')}`;
}

/** Reads all device rules of the container together and adds a problem for each raw rule without effect. */
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
