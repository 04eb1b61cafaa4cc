import { inVersionRange } from '../base/compare-versions.ts';
import type { BoardDescription, DescribedContainer } from './board-description.ts';
import type { Rule } from './rule.ts';
import { fileSystems, rules } from './rules.ts';
import type { SymbolNeed } from './symbol-need.ts';

/** A symbol that the kernel of a board needs, once, with everything that needs it. */
export interface KernelNeed {
  /** With its `CONFIG_`. */
  readonly symbol: string;
  /** What needs it, and in which containers: "veth interface (container1, web)"; what makes it required comes first. */
  readonly reasons: readonly string[];
  /** True when nothing makes it required. */
  readonly wanted: boolean;
}

/** One reason for one symbol. */
interface Claim {
  readonly symbol: string;
  readonly reason: string;
  readonly wanted: boolean;
}

/**
 * What a board needs of its kernel, by that kernel's names, in the order of the tables: architecture, machine, root
 * filesystem, LXC, cgroup layout, containers, images.
 */
export function listNeeds(board: BoardDescription): KernelNeed[] {
  const bySymbol = new Map<string, Claim[]>();
  for (const claim of listClaims(board)) {
    bySymbol.set(claim.symbol, [...(bySymbol.get(claim.symbol) ?? []), claim]);
  }
  return [...bySymbol].map(([symbol, claims]) => {
    const ordered = [...claims.filter(({ wanted }) => !wanted), ...claims.filter(({ wanted }) => wanted)];
    return {
      symbol: `CONFIG_${symbol}`,
      reasons: [...new Set(ordered.map(({ reason }) => reason))],
      wanted: claims.every(({ wanted }) => wanted),
    };
  });
}

function listClaims(board: BoardDescription): Claim[] {
  return [
    ...board.architecture.needs.flatMap((need) => claimsOf(need, board)),
    ...(board.machine?.needs ?? []).flatMap((need) => claimsOf(need, board)),
    ...rules.flatMap((rule) => claimsOfRule(rule, board)),
    ...byReason(board.containers.flatMap((container) => mountClaims(container, board))),
    ...byReason(board.containers.flatMap(rawClaims)),
    ...board.images.flatMap(({ needs }) => needs).flatMap((need) => claimsOf(need, board)),
  ];
}

function claimsOfRule(rule: Rule, board: BoardDescription): Claim[] {
  const { of } = rule;
  if (rule.lxc !== undefined && !inVersionRange(board.lxcVersion, rule.lxc)) return [];
  if (rule.when?.(board) === false) return [];
  if (of === undefined) return claimsOf(rule, board);
  const names = board.containers.filter((one) => of(one, board)).map(({ definition }) => definition.name);
  return names.length === 0 ? [] : claimsOf({ ...rule, reason: inWords(rule.reason, names) }, board);
}

function claimsOf({ symbols, reason, wanted, ...range }: SymbolNeed, board: BoardDescription): Claim[] {
  if (!inVersionRange(board.kernelVersion, range)) return [];
  return symbols.map((symbol) => ({ symbol, reason, wanted: wanted === true }));
}

interface ContainerClaim {
  readonly symbol: string;
  readonly feature: string;
  readonly container: string;
}

function mountClaims({ definition }: DescribedContainer, board: BoardDescription): ContainerClaim[] {
  return definition.mounts.flatMap(({ type }) =>
    (fileSystems[type] ?? [])
      .filter((range) => inVersionRange(board.kernelVersion, range))
      .map(({ symbol }) => ({ symbol, feature: `${type} mount`, container: definition.name })),
  );
}

function rawClaims({ definition, rawKeys }: DescribedContainer): ContainerClaim[] {
  return rawKeys.flatMap(({ key, symbols }) =>
    symbols.map((symbol) => ({ symbol, feature: key, container: definition.name })),
  );
}

/** One claim for each symbol and feature, with the names of all containers. */
function byReason(claims: readonly ContainerClaim[]): Claim[] {
  const names = new Map<string, ContainerClaim[]>();
  for (const claim of claims) {
    const key = `${claim.symbol} ${claim.feature}`;
    names.set(key, [...(names.get(key) ?? []), claim]);
  }
  return [...names.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const containers = same.map(({ container }) => container);
    return [{ symbol: first.symbol, reason: inWords(first.feature, containers), wanted: false }];
  });
}

function inWords(feature: string, containers: readonly string[]): string {
  return `${feature} (${[...new Set(containers)].join(', ')})`;
}
