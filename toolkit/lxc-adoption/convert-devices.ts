import type { Setting } from '../lxc-config/read-settings.ts';
import type { FileValue } from '../cgroups/cgroup-files.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { placeOf } from '../lxc-keys/read-config.ts';
import { ruleLines } from './config-rules.ts';
import { remarkOnUnsayable } from '../cgroups/describe-rules.ts';
import { ruleText, withoutRights, type RuleEffect } from '../cgroups/device-rule.ts';
import { translateRules, type TranslatedRules, type WrittenRule } from '../cgroups/translate-rules.ts';

export interface DevicesToConvert {
  /** All rules in force of one cgroup version, in reading order, including those of included files. */
  readonly rules: readonly Setting[];
  /** The rules of the converted file itself. */
  readonly own: ReadonlySet<Setting>;
  readonly from: 'v1' | 'v2';
  /** Whether unknown rules come before: those of a missing file, or of a file that includes this one. */
  readonly unknownBefore: boolean;
}

/** The lines that replace each own rule; none for a rule that other lines cover. */
export type ConvertedDevices = ReadonlyMap<Setting, readonly FileValue[]>;

/**
 * Converts device rules for the other cgroup version, so that the same devices are open. A rule keeps its place if
 * possible; a rule that the other version cannot express is an error.
 */
export function convertDevices(asked: DevicesToConvert, findings: Findings): ConvertedDevices {
  const { rules, own, from } = asked;
  const first = rules.find((one) => own.has(one));
  if (first === undefined) return new Map();
  const resets = rules.some((one) => own.has(one) && /^a(?:\s|$)/.test(one.value));
  const open = asked.unknownBefore && !resets;
  const translated = translateRules(ruleLines(rules), from, open ? 'deny' : undefined);
  const written = new Map<Setting, FileValue[]>([...own].map((one) => [one, []]));
  const put = ({ effect, value, lines }: WrittenRule, at?: Setting): void => {
    const place = at ?? lines.map((index) => rules[index]).find((one) => one !== undefined && own.has(one));
    written.get(place ?? first)?.push([`devices.${effect}`, value]);
  };

  const [lead, ...rest] = leadOf(translated);
  const included = rules.slice(0, rules.indexOf(first));
  if (open) {
    for (const rule of rest) if (rule.lines.length > 0) put(rule);
    keepUndecided(translated, asked, written, findings);
  } else if (included.length === 0 || isOwn(translated.inForce.otherwiseLine, asked)) {
    for (const rule of translated.written) put(rule);
  } else if (takesBack(translated, included, from)) {
    for (const rule of translated.written) put(rule, first);
  } else {
    if (needsLead(translated, included, from) && lead !== undefined) put(lead, first);
    for (const rule of rest) if (rule.lines.some((index) => isOwn(index, asked))) put(rule);
  }
  noteChanges(translated, asked, open, findings);
  return written;
}

function leadOf({
  written,
}: TranslatedRules): readonly [lead: WrittenRule | undefined, ...rest: readonly WrittenRule[]] {
  const [first, ...rest] = written;
  return first?.value === 'a' ? [first, ...rest] : [undefined, ...written];
}

function isOwn(index: number | undefined, { rules, own }: DevicesToConvert): boolean {
  const rule = index === undefined ? undefined : rules[index];
  return rule !== undefined && own.has(rule);
}

/** Whether own lines revoke rules of included files; then all rules are written again from the start. */
function takesBack({ inForce }: TranslatedRules, included: readonly Setting[], from: 'v1' | 'v2'): boolean {
  const before = translateRules(ruleLines(included), from).inForce;
  return before.exceptions.some(
    ({ rule, text }) =>
      !inForce.exceptions.some((now) =>
        rule === undefined || now.rule === undefined
          ? now.text === text
          : now.rule.type === rule.type &&
            now.rule.major === rule.major &&
            now.rule.minor === rule.minor &&
            withoutRights(rule.rights, now.rule.rights) === '',
      ),
  );
}

/** Whether the converted included rules leave the default of the other version in force. */
function needsLead(now: TranslatedRules, included: readonly Setting[], from: 'v1' | 'v2'): boolean {
  const before = translateRules(ruleLines(included), from).written;
  return now.written[0]?.value === 'a' && !before.some(({ value }) => value === 'a');
}

/** Keeps a deny without a matching own rule: its effect depends on rules that are not known. */
function keepUndecided(
  { inForce }: TranslatedRules,
  { rules, own, from }: DevicesToConvert,
  written: ReadonlyMap<Setting, FileValue[]>,
  findings: Findings,
): void {
  for (const index of inForce.idle) {
    const rule = rules[index];
    if (rule === undefined || !own.has(rule) || inForce.broken.includes(index)) continue;
    written.get(rule)?.push([rule.part, rule.value]);
    findings.note(
      'assumed',
      placeOf(rule.line.source),
      'kept unchanged: the rules before it are not known' +
        (from === 'v1' ? ', and on cgroup v2 a deny revokes an allow only if its text is the same' : ''),
      'give the root folder of the device with --root, so that included files are read',
    );
  }
}

function noteChanges(
  { inForce, written, unsayable }: TranslatedRules,
  asked: DevicesToConvert,
  open: boolean,
  findings: Findings,
): void {
  const { rules, own, from } = asked;
  const note = (index: number, outcome: 'changed' | 'left-out' | 'mended', message: string): void => {
    const rule = rules[index];
    if (rule !== undefined && own.has(rule)) findings.note(outcome, placeOf(rule.line.source), message);
  };
  for (const rule of unsayable) {
    const last = rules[rule.lines.at(-1) ?? 0];
    if (last === undefined) continue;
    const { message, help } = remarkOnUnsayable(rule);
    findings.error(placeOf(last.line.source), message, help);
  }
  for (const { effect, value, lines } of written) {
    if (lines.length < 2) continue;
    for (const index of lines.slice(1))
      note(index, 'changed', `joined with the rules before it: devices.${effect} = ${value}`);
  }
  const { broken } = inForce;
  for (const index of inForce.idle) {
    if (open && !broken.includes(index)) continue;
    note(index, 'left-out', whyIdle(broken.includes(index), inForce.otherwise, from));
  }
  for (const index of inForce.overridden) {
    const later = inForce.otherwiseLine !== undefined && inForce.otherwiseLine > index;
    note(
      index,
      'left-out',
      later
        ? `a later devices.${inForce.otherwise} = a cancels this rule`
        : 'an allow and a deny of the same devices cancel each other',
    );
  }
  const [lead] = written;
  if (!open && lead?.value === 'a' && inForce.otherwiseLine === undefined)
    note(
      rules.findIndex((one) => own.has(one)),
      'changed',
      `devices.${lead.effect} = a is written before it: that is the default of cgroup ${from}, and the other version starts from the opposite`,
    );
  if (from === 'v2') noteStricter(inForce.otherwise, inForce.exceptions, note);
}

function whyIdle(broken: boolean, otherwise: RuleEffect, from: 'v1' | 'v2'): string {
  if (!broken)
    return `without effect on cgroup ${from}: ${otherwise === 'allow' ? 'every device is open' : 'the device is denied'} there without it`;
  return otherwise === 'deny'
    ? `cgroup ${from} never denied that: a deny revokes only an allow with the same ${from === 'v1' ? 'numbers' : 'text'}, so the device stays open`
    : `cgroup ${from} never allowed that: an allow revokes only a deny with the same ${from === 'v1' ? 'numbers' : 'text'}, so the device stays closed`;
}

/** Notes where v1 denies an open for reading and writing that v2 allows. */
function noteStricter(
  otherwise: RuleEffect,
  exceptions: TranslatedRules['inForce']['exceptions'],
  note: (index: number, outcome: 'changed', message: string) => void,
): void {
  if (otherwise !== 'allow') return;
  for (const { rule, lines } of exceptions) {
    if (rule === undefined || rule.rights.includes('r') === rule.rights.includes('w')) continue;
    note(
      lines[0] ?? 0,
      'changed',
      `${ruleText(rule)}: cgroup v1 also denies an open for both reading and writing, which v2 allows`,
    );
  }
}
