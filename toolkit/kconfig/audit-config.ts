import type { Location } from '../base/diagnostic.ts';
import type { Request } from './merge-fragments.ts';
import type { SymbolLine } from './symbol-line.ts';

/** A symbol that must have a value in the final configuration, and why. */
export interface RequiredSymbol {
  readonly symbol: string;
  /** `container system1: memory limit`, `kernel.require in boards/x.yaml:14`. */
  readonly reason: string;
  readonly location?: Location;
  /** Its loss is reported, but stops nothing. */
  readonly wanted?: true;
  /** `n`: it must be off; without it, on. */
  readonly value?: 'n';
  /** With their prefix: the need holds only for a configuration that has the first symbol and lacks the second. */
  readonly onlyWith?: string;
  readonly unless?: string;
  /** The user's lines that need it. */
  readonly neededAt?: readonly Location[];
}

/** Whether a final configuration lacks a required symbol; a symbol that it does not mention is n. */
export function isUnmet(
  { symbol, value, onlyWith, unless }: RequiredSymbol,
  final: ReadonlyMap<string, string>,
): boolean {
  const isSet = (name: string): boolean => (final.get(name) ?? 'n') !== 'n';
  if (onlyWith !== undefined && !isSet(onlyWith)) return false;
  if (unless !== undefined && isSet(unless)) return false;
  return isSet(symbol) === (value === 'n');
}

/**
 * The result of a request, the worst first:
 *
 * - `required`: something needs the symbol and it is not set. Stops the build.
 * - `wanted`: something is better with the symbol, and it is not set. Stops nothing.
 * - `lost`: asked for, final value n.
 * - `changed`: asked for, but with another final value, such as y for m.
 * - `unknown`: asked for, but the tree has no such symbol.
 * - `overridden`: a later line asked for another value. No warning: that is the purpose of later lines.
 * - `computed`: a line of the file that the configuration starts from, for a symbol that has no prompt.
 * - `optional`: a wish of lxc-kit's own that this tree, architecture or compiler does not have. No warning.
 * - `dropped`: a line of that file that the profile's `modules:` left out, or one that needs such a symbol.
 */
export const findingKinds = [
  'required',
  'wanted',
  'lost',
  'changed',
  'unknown',
  'overridden',
  'optional',
  'computed',
  'dropped',
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** A request whose final value is not the requested one. */
export interface AuditFinding {
  readonly symbol: string;
  readonly kind: FindingKind;
  readonly requested: string;
  readonly final: string;
  /** The place of the request; without a request, the place that requires it. */
  readonly location?: Location;
  /** For `required`: what needs it. */
  readonly reason?: string;
  /** For `required`: it is on and has to be off. */
  readonly mustBeOff?: true;
  /** For `required`: the user's lines that need it. */
  readonly neededAt?: readonly Location[];
  /** Earlier requests for another value, which this one replaced. */
  readonly overrode?: readonly SymbolLine[];
  /** For `overridden`: the request that won. */
  readonly overriddenBy?: SymbolLine;
  /** For lines of the base file: whether they are about the machine and its CPU, or about what containers need. */
  readonly about?: 'machine' | 'containers';
  /** Set when the tree has no such symbol. */
  readonly inTree?: false;
  /** For `lost`: why, in one line; the same text for all that were lost for the same reason. */
  readonly cause?: string;
  /** Symbols to write instead; empty when it can be left out. */
  readonly instead?: readonly string[];
  /** The advice as a clause: "write CONFIG_NF_NAT (…)". */
  readonly advice?: string;
}

/** Whether a tree has a symbol, named with its prefix; undefined when unknown. */
export type KnowsSymbol = (symbol: string) => boolean | undefined;

/**
 * Compares every requested symbol with the final .config, and checks the required ones. A symbol that the final
 * .config does not mention is n: its dependencies are not met, or `known` says that the tree does not have it.
 * `known` is called only for such symbols. The findings are sorted by `findingKinds`, then by name.
 */
export function auditConfig(
  requests: ReadonlyMap<string, Request>,
  final: ReadonlyMap<string, string>,
  required: readonly RequiredSymbol[],
  known: KnowsSymbol = () => undefined,
): AuditFinding[] {
  const valueOf = (symbol: string): string => final.get(symbol) ?? 'n';
  const inTree = (symbol: string): { inTree?: false } =>
    !final.has(symbol) && known(symbol) === false ? { inTree: false } : {};
  const missing = required.filter((need) => isUnmet(need, final));
  const findings = missing.map((need): AuditFinding => {
    const asked = requests.get(need.symbol);
    const location = asked?.location ?? need.location;
    return {
      symbol: need.symbol,
      kind: need.wanted === true ? 'wanted' : 'required',
      requested: asked?.value ?? need.value ?? 'y',
      final: valueOf(need.symbol),
      reason: need.reason,
      ...(need.value === 'n' ? { mustBeOff: true } : {}),
      ...(need.neededAt === undefined ? {} : { neededAt: need.neededAt }),
      ...(location === undefined ? {} : { location }),
      ...overrodeOf(asked),
      ...inTree(need.symbol),
    };
  });
  const stopsAnyway = new Set(missing.map(({ symbol }) => symbol));
  for (const request of requests.values()) {
    findings.push(...overriddenOf(request, valueOf(request.symbol)));
    const value = valueOf(request.symbol);
    if (isAsAsked(request.value, value) || stopsAnyway.has(request.symbol)) continue;
    const { symbol, location } = request;
    const absent = inTree(symbol);
    findings.push({
      symbol,
      kind:
        request.optional === true
          ? 'optional'
          : absent.inTree === false
            ? 'unknown'
            : value === 'n'
              ? 'lost'
              : 'changed',
      requested: request.value,
      final: value,
      location,
      ...overrodeOf(request),
      ...absent,
    });
  }
  const rank = ({ kind, symbol }: AuditFinding): string => `${findingKinds.indexOf(kind)} ${symbol}`;
  return findings.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function overrodeOf(request: Request | undefined): { overrode?: readonly SymbolLine[] } {
  return request === undefined || request.overridden.length === 0 ? {} : { overrode: request.overridden };
}

function overriddenOf({ symbol, value, location, overridden }: Request, final: string): AuditFinding[] {
  return overridden.map((line) => ({
    symbol,
    kind: 'overridden',
    requested: line.value,
    final,
    location: line.location,
    overriddenBy: { symbol, value, location },
  }));
}

/** A request for an empty text is met when there is none, and a hexadecimal number can be written in many ways. */
function isAsAsked(asked: string, final: string): boolean {
  if (asked === final || (asked === '""' && final === 'n')) return true;
  return /^0[xX]/.test(final) && hexOf(asked) === hexOf(final);
}

function hexOf(value: string): string {
  return value.toLowerCase().replace(/^(?:0x)?0*/, '');
}

/** Reads a final .config into symbols and values; symbols that are "not set" have the value `n`. */
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

/** Describes a finding in one line: the request and its place, the result, and what to do. */
export function describeFinding(finding: AuditFinding): string {
  const { symbol, requested, location, reason, advice, mustBeOff } = finding;
  const where = location === undefined ? '' : ` in ${placeOf(location)}`;
  const asked = location === undefined ? 'not asked for' : `asked =${requested}${where}`;
  const by = finding.kind === 'wanted' ? 'wanted for' : mustBeOff ? 'must be off for' : 'needed by';
  const needed = reason === undefined ? '' : ` (${by} ${reason})`;
  return `${symbol}  ${asked}, ${describeOutcome(finding)}${needed}${advice === undefined ? '' : `; ${advice}`}`;
}

/** Describes the result of a request: `final: =y`, `final: not set`, `no such symbol in this tree`. */
export function describeOutcome({ symbol, final, overriddenBy, inTree }: AuditFinding): string {
  if (overriddenBy !== undefined)
    return `overridden by ${overriddenBy.symbol === symbol ? '' : overriddenBy.symbol}=${overriddenBy.value} in ${placeOf(overriddenBy.location)}`;
  if (inTree === false) return 'but this tree has no such symbol';
  return `final: ${final === 'n' ? 'not set' : `=${final}`}`;
}

/** `boards/x.config:3`. */
export function placeOf({ file, line }: Location): string {
  return `${file}:${line}`;
}
