import { inVersionRange } from '../base/compare-versions.ts';
import type { Location } from '../base/diagnostic.ts';
import type { BoardDescription, DescribedContainer } from './board-description.ts';
import { fileSystems } from './file-systems.ts';
import { symbolsOfNode } from './device-nodes.ts';
import { symbolsOfLine } from './line-needs.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules.ts';
import { conditionOf, type NeedCondition, type SymbolNeed } from './symbol-need.ts';

/** A symbol that a board's kernel needs, once for each condition, with everything that needs it. */
export interface KernelNeed extends NeedCondition {
  /** With its `CONFIG_`. */
  readonly symbol: string;
  /** The things that need it, with their containers: "veth interface (container1, web)"; required reasons come first. */
  readonly reasons: readonly string[];
  /** True when no reason makes it required. */
  readonly wanted: boolean;
  /** The lines that the user wrote and that need it, when the need comes from single lines. */
  readonly places?: readonly Location[];
}

/** One reason for one symbol. */
interface Claim extends NeedCondition {
  readonly symbol: string;
  readonly reason: string;
  readonly wanted: boolean;
  readonly places?: readonly Location[];
}

/**
 * Returns the symbols that a board needs, named as in its kernel's version, in the order of the tables: architecture,
 * machine, root filesystem, LXC, cgroup layout, containers, images.
 */
export function listNeeds(board: BoardDescription): KernelNeed[] {
  const alike = new Map<string, Claim[]>();
  for (const claim of listClaims(board)) {
    const key = JSON.stringify([claim.symbol, conditionOf(claim)]);
    alike.set(key, [...(alike.get(key) ?? []), claim]);
  }
  return [...alike.values()].flatMap((claims) => {
    const [first] = claims;
    if (first === undefined) return [];
    const ordered = [...claims.filter(({ wanted }) => !wanted), ...claims.filter(({ wanted }) => wanted)];
    const places = [...new Set(claims.flatMap(({ places = [] }) => places))];
    return [
      {
        symbol: `CONFIG_${first.symbol}`,
        reasons: [...new Set(ordered.map(({ reason }) => reason))],
        wanted: claims.every(({ wanted }) => wanted),
        ...conditionOf(first),
        ...(places.length === 0 ? {} : { places }),
      },
    ];
  });
}

function listClaims(board: BoardDescription): Claim[] {
  return [
    ...board.architecture.needs.flatMap((need) => claimsOf(need, board)),
    ...(board.machine?.needs ?? []).flatMap((need) => claimsOf(need, board)),
    ...rules.flatMap((rule) => claimsOfRule(rule, board)),
    ...byReason(board.containers.flatMap((container) => imageClaims(container, board))),
    ...byReason(board.containers.flatMap((container) => mountClaims(container, board))),
    ...byReason(board.containers.flatMap((container) => lineClaims(container, board))),
    ...byReason(board.containers.flatMap((container) => nodeClaims(container, board))),
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

function claimsOf(need: SymbolNeed, board: BoardDescription): Claim[] {
  const { symbols, reason, wanted } = need;
  if (!inVersionRange(board.kernelVersion, need)) return [];
  return symbols.map((symbol) => ({ symbol, reason, wanted: wanted === true, ...conditionOf(need) }));
}

interface ContainerClaim {
  readonly symbol: string;
  readonly feature: string;
  readonly container: string;
  readonly place?: Location;
}

function imageClaims(
  { definition, imageNeeds }: DescribedContainer,
  board: BoardDescription,
): ContainerClaim[] {
  return imageNeeds
    .filter((need) => inVersionRange(board.kernelVersion, need))
    .flatMap(({ symbols }) => symbols)
    .map((symbol) => ({
      symbol,
      feature: `root file system in an image of ${definition.rootfs.image ?? ''}`,
      container: definition.name,
    }));
}

function mountClaims({ definition }: DescribedContainer, board: BoardDescription): ContainerClaim[] {
  return definition.mounts.flatMap(({ type }) =>
    (fileSystems[type] ?? [])
      .filter((range) => inVersionRange(board.kernelVersion, range))
      .map(({ symbol }) => ({ symbol, feature: `${type} mount`, container: definition.name })),
  );
}

/** The needs of single lines in LXC configurations: raw lines, and those of included files. */
function lineClaims({ definition, lines }: DescribedContainer, board: BoardDescription): ContainerClaim[] {
  return lines.flatMap(({ key, value, symbols, place }) => {
    const claims = [...symbols, ...symbolsOfLine(key, value, board)].map((symbol) => ({
      symbol,
      feature: key,
      container: definition.name,
      ...(place === undefined ? {} : { place }),
    }));
    return claims;
  });
}

/** The needs of the device nodes that a container binds: the kernel makes them only with their drivers. */
function nodeClaims({ definition, nodes }: DescribedContainer, board: BoardDescription): ContainerClaim[] {
  return nodes.flatMap(({ path, place }) =>
    symbolsOfNode(path, board.kernelVersion).map((symbol) => ({
      symbol,
      feature: `binding ${path}`,
      container: definition.name,
      ...(place === undefined ? {} : { place }),
    })),
  );
}

/** Merges claims with the same symbol and feature into one, with the names of all containers. */
function byReason(claims: readonly ContainerClaim[]): Claim[] {
  const alike = new Map<string, ContainerClaim[]>();
  for (const claim of claims) {
    const key = `${claim.symbol} ${claim.feature}`;
    alike.set(key, [...(alike.get(key) ?? []), claim]);
  }
  return [...alike.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const containers = same.map(({ container }) => container);
    const places = same.flatMap(({ place }) => place ?? []);
    return [
      {
        symbol: first.symbol,
        reason: inWords(first.feature, containers),
        wanted: false,
        ...(places.length === 0 ? {} : { places }),
      },
    ];
  });
}

function inWords(feature: string, containers: readonly string[]): string {
  return `${feature} (${[...new Set(containers)].join(', ')})`;
}
