import type { Location } from '../base/diagnostic.ts';
import type { Request } from './merge-fragments.ts';

/** A symbol that has to have a value in the final configuration, and why. */
export interface RequiredSymbol {
  readonly symbol: string;
  /** `container system1: memory limit`, `kernel.require in boards/x.yaml:14`. */
  readonly reason: string;
  readonly location?: Location;
  /** Its loss is told, but stops nothing. */
  readonly wanted?: true;
}

/** A symbol whose final value is not what was asked for. */
export interface AuditFinding {
  readonly symbol: string;
  /** `required`: stops the build. `wanted`: needed, but not for that. `lost`: asked for, final value n. `changed`: another value. */
  readonly kind: 'required' | 'wanted' | 'lost' | 'changed';
  readonly requested: string;
  readonly final: string;
  /** Who asked for it last. */
  readonly location?: Location;
  readonly reason?: string;
}

/**
 * Compares every requested symbol with the final .config, and looks for the required ones.
 * A symbol that the final .config does not mention is n: it is unknown to this tree, or its dependencies are not met.
 */
export function auditConfig(
  requests: ReadonlyMap<string, Request>,
  final: ReadonlyMap<string, string>,
  required: readonly RequiredSymbol[],
): AuditFinding[] {
  const findings: AuditFinding[] = [];
  const missing = new Set<string>();
  for (const need of required) {
    const value = final.get(need.symbol) ?? 'n';
    if (value !== 'n') continue;
    missing.add(need.symbol);
    const asked = requests.get(need.symbol);
    const location = asked?.location ?? need.location;
    findings.push({
      symbol: need.symbol,
      kind: need.wanted === true ? 'wanted' : 'required',
      requested: asked?.value ?? 'y',
      final: value,
      reason: need.reason,
      ...(location === undefined ? {} : { location }),
    });
  }
  for (const request of requests.values()) {
    const value = final.get(request.symbol) ?? 'n';
    if (isAsAsked(request.value, value) || missing.has(request.symbol)) continue;
    const kind = value === 'n' ? 'lost' : 'changed';
    findings.push({
      symbol: request.symbol,
      kind,
      requested: request.value,
      final: value,
      location: request.location,
    });
  }
  const rank = ({ kind, symbol }: AuditFinding): string => `${kind === 'required' ? 0 : 1} ${symbol}`;
  return findings.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

/** An empty text that was asked for is as good as none. */
function isAsAsked(asked: string, final: string): boolean {
  return asked === final || (asked === '""' && final === 'n');
}

/** Reads a final .config into symbol and value; symbols that are "not set" are in it as `n`. */
export function readFinalConfig(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
    if (set?.[1] !== undefined) values.set(set[1], set[2] ?? '');
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
    if (unset?.[1] !== undefined) values.set(unset[1], 'n');
  }
  return values;
}

/** One finding in one line: what was asked where, and what came of it. */
export function describeFinding(finding: AuditFinding): string {
  const { symbol, requested, final, location, reason } = finding;
  const where = location === undefined ? '' : ` in ${location.file}:${location.line}`;
  const asked = location === undefined ? 'asked for nowhere' : `asked =${requested}${where}`;
  const outcome = final === 'n' ? 'not set' : `=${final}`;
  return `${symbol}  ${asked}, final: ${outcome}${reason === undefined ? '' : ` (${finding.kind === 'wanted' ? 'wanted for' : 'needed by'} ${reason})`}`;
}
