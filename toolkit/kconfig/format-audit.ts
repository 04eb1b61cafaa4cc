import {
  describeOutcome,
  findingKinds,
  placeOf,
  type AuditFinding,
  type FindingKind,
} from './audit-config.ts';

/** What a person sees of each class of findings. */
const TITLES: Readonly<Record<FindingKind, string>> = {
  required: 'required, and not set: a build stops here',
  wanted: 'wanted, and not set: something is worse without it',
  lost: 'lost: asked for, and not set',
  changed: 'changed: asked for, and set to something else',
  unknown: 'unknown: this tree has no such symbol',
  overridden: 'overridden: a later line asked for something else',
};

/** The findings as a table for people: a group for each class, a line or more for each finding. */
export function formatAudit(findings: readonly AuditFinding[]): string {
  const asked = findings.map(askedText);
  const askedWidth = Math.max(0, ...asked.map(({ length }) => length));
  const placeWidth = Math.max(0, ...findings.map((finding) => placeText(finding).length));
  const lineOf = (finding: AuditFinding): string =>
    `  ${askedText(finding).padEnd(askedWidth)}  ${placeText(finding).padEnd(placeWidth)}  ${outcomeText(finding)}`.trimEnd();
  return findingKinds
    .flatMap((kind) => {
      const group = findings.filter((finding) => finding.kind === kind);
      if (group.length === 0) return [];
      const lines = group.flatMap((finding) => [lineOf(finding), ...detailsOf(finding)]);
      return [[`${TITLES[kind]} (${group.length})`, ...lines].join('\n')];
    })
    .join('\n\n');
}

/** How many findings there are of each class. */
export function countFindings(findings: readonly AuditFinding[]): Record<FindingKind, number> {
  const count = (kind: FindingKind): number => findings.filter((finding) => finding.kind === kind).length;
  return {
    required: count('required'),
    wanted: count('wanted'),
    lost: count('lost'),
    changed: count('changed'),
    unknown: count('unknown'),
    overridden: count('overridden'),
  };
}

function askedText({ symbol, requested, kind, location }: AuditFinding): string {
  return (kind === 'required' || kind === 'wanted') && location === undefined
    ? symbol
    : `${symbol}=${requested}`;
}

function placeText({ location }: AuditFinding): string {
  return location === undefined ? 'nobody asks for it' : placeOf(location);
}

/** Of what is unknown the title says all there is to say. */
function outcomeText(finding: AuditFinding): string {
  if (finding.kind === 'unknown') return '';
  return finding.inTree === false ? 'no such symbol' : describeOutcome(finding);
}

function detailsOf({ reason, advice, overrode, kind }: AuditFinding): string[] {
  return [
    ...(reason === undefined ? [] : [`needed by ${reason}`]),
    ...(kind === 'overridden' || overrode === undefined
      ? []
      : [`after ${overrode.map(({ value, location }) => `=${value} in ${placeOf(location)}`).join(', ')}`]),
    ...(advice === undefined ? [] : [advice]),
  ].map((line) => `    ${line}`);
}
