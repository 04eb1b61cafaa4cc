import { joinWords } from '../base/join-words.ts';
import {
  describeOutcome,
  findingKinds,
  placeOf,
  type AuditFinding,
  type FindingKind,
} from './audit-config.ts';

/** The title of each class of findings. */
const TITLES: Readonly<Record<FindingKind, string>> = {
  required: 'required, but not set: a build stops here',
  wanted: 'wanted, but not set: something is worse without it',
  lost: 'lost: asked for, but not set',
  changed: 'changed: asked for, but set to something else',
  unknown: 'unknown: this tree has no such symbol',
  overridden: 'overridden: a later line asked for something else',
  optional: 'not available: hardening that this kernel, architecture or compiler does not have',
  computed: 'computed: these have no prompt, the tree decides them',
  dropped: 'dropped: kernel.modules leaves these out',
};

/** Classes that are only counted; their symbols are in the JSON. */
const COUNTED: ReadonlySet<FindingKind> = new Set(['computed', 'dropped']);

/** Printed before the classes: the symbols that matter most to a board. */
const SUBJECTS = [
  ['machine', 'machine and CPU: asked for, but with another result'],
  ['containers', 'for containers: asked for, but with another result'],
] as const;

/** Formats the findings as a table for people: a group for each class, at least one line for each finding. */
export function formatAudit(findings: readonly AuditFinding[]): string {
  const listed = findings.filter(({ kind }) => !COUNTED.has(kind));
  const askedWidth = Math.max(0, ...listed.map((finding) => askedText(finding).length));
  const placeWidth = Math.max(0, ...listed.map((finding) => placeText(finding).length));
  const lineOf = (finding: AuditFinding): string =>
    `  ${askedText(finding).padEnd(askedWidth)}  ${placeText(finding).padEnd(placeWidth)}  ${outcomeText(finding)}`.trimEnd();
  const section = (title: string, group: readonly AuditFinding[]): string[] => {
    if (group.length === 0) return [];
    const lines = group.flatMap((finding) => {
      const alike = group.filter(({ cause }) => cause !== undefined && cause === finding.cause);
      if (alike.length < 2) return [lineOf(finding), ...detailsOf(finding)];
      return alike[0] === finding ? [lineOfAll(alike)] : [];
    });
    return [[`${title} (${group.length})`, ...lines].join('\n')];
  };
  const ofKind = (kind: FindingKind): string[] => {
    const group = findings
      .filter((finding) => finding.kind === kind && finding.about === undefined)
      .sort((a, b) => Number(hasNewName(b)) - Number(hasNewName(a)));
    if (!COUNTED.has(kind)) return section(TITLES[kind], group);
    return group.length === 0 ? [] : [`${TITLES[kind]} (${group.length}; their names: --json)`];
  };
  const stopping: FindingKind[] = ['required', 'wanted'];
  return [
    ...stopping.flatMap(ofKind),
    ...SUBJECTS.flatMap(([subject, title]) =>
      section(
        title,
        findings.filter(({ about }) => about === subject),
      ),
    ),
    ...findingKinds.filter((kind) => !stopping.includes(kind)).flatMap(ofKind),
  ].join('\n\n');
}

/** How many symbols with one cause are named. */
const MAX_NAMED = 6;

/** Puts all symbols that were lost for one cause into one line. */
function lineOfAll(findings: readonly AuditFinding[]): string {
  const named = findings
    .slice(0, MAX_NAMED)
    .map((finding) => `${askedText(finding)} (${placeText(finding)})`);
  const more = findings.length - named.length;
  const names = joinWords(more > 0 ? [...named, `${more} more`] : named, 'and');
  return `  ${findings.length} symbols, because ${findings[0]?.cause ?? ''}: ${names}`;
}

/** Whether a new name solves it at once: such findings come first in their class. */
function hasNewName({ kind, instead = [] }: AuditFinding): boolean {
  return kind === 'unknown' && instead.length > 0;
}

/** Counts the findings of each class. */
export function countFindings(findings: readonly AuditFinding[]): Record<FindingKind, number> {
  const count = (kind: FindingKind): number => findings.filter((finding) => finding.kind === kind).length;
  return {
    required: count('required'),
    wanted: count('wanted'),
    lost: count('lost'),
    changed: count('changed'),
    unknown: count('unknown'),
    overridden: count('overridden'),
    optional: count('optional'),
    computed: count('computed'),
    dropped: count('dropped'),
  };
}

function askedText({ symbol, requested, kind, location }: AuditFinding): string {
  return (kind === 'required' || kind === 'wanted') && location === undefined
    ? symbol
    : `${symbol}=${requested}`;
}

function placeText({ location }: AuditFinding): string {
  return location === undefined ? 'nothing asks for it' : placeOf(location);
}

/** For an unknown symbol the title already says everything. */
function outcomeText(finding: AuditFinding): string {
  if (finding.kind === 'unknown') return finding.about === undefined ? '' : 'no such symbol in this tree';
  return finding.inTree === false ? 'no such symbol' : describeOutcome(finding);
}

function detailsOf({ reason, advice, cause, overrode, kind }: AuditFinding): string[] {
  return [
    ...(reason === undefined ? [] : [`needed by ${reason}`]),
    ...(kind === 'overridden' || overrode === undefined
      ? []
      : [`after ${overrode.map(({ value, location }) => `=${value} in ${placeOf(location)}`).join(', ')}`]),
    ...(advice === undefined ? [] : [advice]),
    ...(cause === undefined ? [] : [cause]),
  ].map((line) => `    ${line}`);
}
