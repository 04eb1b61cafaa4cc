import type { Setting } from '../lxc-config/read-settings.ts';
import type { Findings, Outcome } from '../lxc-keys/findings.ts';
import { placeOf } from '../lxc-keys/read-config.ts';
import { ruleLines } from './config-rules.ts';
import { remarkOnBroken, remarkOnWhole } from '../cgroups/describe-rules.ts';
import { rulesOfV1, rulesOfV2 } from '../cgroups/rules-in-force.ts';

/** Notes rules of one cgroup version that do not have the effect they state. */
export function noteRemarks(
  rules: readonly Setting[],
  version: 'v1' | 'v2',
  outcome: Outcome,
  findings: Findings,
): void {
  const lines = ruleLines(rules);
  const inForce = version === 'v1' ? rulesOfV1(lines) : rulesOfV2(lines);
  const [first] = rules;
  const whole = version === 'v2' ? remarkOnWhole(lines, inForce) : undefined;
  if (whole !== undefined && first !== undefined)
    findings.note('mended', placeOf(first.line.source), whole.message, whole.help);
  for (const index of inForce.broken) {
    const remark = remarkOnBroken(index, lines, inForce, version);
    const setting = rules[index];
    if (remark !== undefined && setting !== undefined)
      findings.note(outcome, placeOf(setting.line.source), remark.message, remark.help);
  }
}
