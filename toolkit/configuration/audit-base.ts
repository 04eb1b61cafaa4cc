import { readFileSync } from 'node:fs';
import { shippedPath } from '../base/package-root.ts';
import type { AuditFinding } from '../kconfig/audit-config.ts';
import type { Request } from '../kconfig/merge-fragments.ts';
import { parseConfig } from '../kconfig/parse-config.ts';
import type { SymbolLine } from '../kconfig/symbol-line.ts';
import { isComputed, isMachineSymbol, isOfArchitecture, needsOneOf } from '../kconfig-advice/symbol-roles.ts';
import type { ConfiguredTree } from './configured-tree.ts';
import { bare, type ReadTree } from './read-kconfig-tree.ts';

/** The fragments that list the symbols containers need. */
const CONTAINER_FRAGMENTS = ['lxc', 'cgroup-v1', 'cgroup-v2'];

/**
 * Names of symbols that an architecture or a driver sets for others to depend on; no release has prompts for them. They
 * show what a tree without them cannot: that an unknown symbol never had a prompt.
 */
const COMPUTED_NAME =
  /^(?:HAVE|GENERIC|SYS_HAS|SYS_SUPPORTS|CPU_HAS|CPU_SUPPORTS|NEED|ARCH_(?:CLOCKSOURCE|DISCARD|DMA|ENABLE|FLATMEM|HAS|HAVE|INLINE|MAY|MIGHT|NEEDS|NR|PHYS|POPULATES|REQUIRE|SELECT|SPARSEMEM|SUPPORTS|USE|USES|WANT|WANTS|WEAK))_|_HAS_/;

/** Returns all requests, with the base file as the first layer, which later ones override. */
export function requestsWithBase({
  requests,
  baseLines,
  modules,
}: Pick<ConfiguredTree, 'requests' | 'baseLines' | 'modules'>): Map<string, Request> {
  const all = new Map<string, Request>();
  for (const line of baseLines) {
    const value = line.value === 'm' && modules === 'builtin' ? 'y' : line.value;
    all.set(line.symbol, { ...line, value, overridden: [] });
  }
  for (const [symbol, request] of requests) {
    const below = all.get(symbol);
    const overridden =
      below === undefined || below.value === request.value
        ? request.overridden
        : [below, ...request.overridden];
    all.set(symbol, { ...request, overridden });
  }
  return all;
}

/**
 * Classifies the requests of a base file that failed: those that `modules:` dropped, those that the tree computes,
 * choices that a fragment decides otherwise, and those about machine, CPU and containers. Findings about fragments stay
 * as they are.
 */
export function classifyBase(
  findings: readonly AuditFinding[],
  configured: ConfiguredTree,
  kernelArch: string,
  read: () => ReadTree,
): AuditFinding[] {
  const file = configured.baseLines[0]?.location.file;
  const isLoss = ({ kind, location }: AuditFinding): boolean =>
    location?.file === file && (kind === 'lost' || kind === 'changed' || kind === 'unknown');
  if (file === undefined || !findings.some(isLoss)) return [...findings];
  const tree = readOrNothing(read);
  if (tree === undefined) return [...findings];
  const classifier = new Classifier(configured, kernelArch, tree);
  return findings.map((finding) => (isLoss(finding) ? classifier.classify(finding) : finding));
}

/** An unreadable tree must not stop an audit. */
function readOrNothing(read: () => ReadTree): ReadTree | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

class Classifier {
  readonly #configured: ConfiguredTree;
  readonly #arch: string;
  readonly #read: ReadTree;
  readonly #dropped: ReadonlySet<string>;
  readonly #containers: ReadonlySet<string>;
  readonly #machines: ReadonlySet<string>;

  constructor(configured: ConfiguredTree, kernelArch: string, read: ReadTree) {
    this.#configured = configured;
    this.#arch = kernelArch;
    this.#read = read;
    this.#dropped = droppedNames(configured, read);
    this.#containers = containerSymbols();
    this.#machines = this.#unknownMachines(configured.baseLines);
  }

  classify(finding: AuditFinding): AuditFinding {
    const name = bare(finding.symbol);
    const symbol = this.#read.tree.symbols.get(name);
    if (this.#isDropped(name, finding)) return { ...finding, kind: 'dropped' };
    const known = symbol !== undefined && symbol.nodes.length > 0;
    if (known ? isComputed(symbol) : finding.advice === undefined && COMPUTED_NAME.test(name))
      return { ...finding, kind: 'computed' };
    const winner = known ? this.#chosenLater(name) : undefined;
    if (winner !== undefined) return { ...finding, kind: 'overridden', overriddenBy: winner };
    const about = this.#subjectOf(name, finding);
    return about === undefined ? finding : { ...finding, about };
  }

  #isDropped(name: string, { requested, final }: AuditFinding): boolean {
    if (this.#dropped.has(name)) return true;
    const symbol = this.#read.tree.symbols.get(name);
    if (symbol === undefined || final !== 'n' || requested === 'n') return false;
    return needsOneOf(symbol, this.#dropped, this.#read.values);
  }

  /** Returns a fragment's request for another member of the symbol's choice. */
  #chosenLater(name: string): SymbolLine | undefined {
    const members = this.#read.tree.symbols.get(name)?.choice?.members ?? [];
    for (const member of members) {
      const request = this.#configured.requests.get(`CONFIG_${member.name}`);
      if (request?.value === 'y' && this.#read.final.get(member.name) === 'y') return request;
    }
    return undefined;
  }

  #subjectOf(name: string, { symbol: full, instead = [] }: AuditFinding): AuditFinding['about'] {
    const symbol = this.#read.tree.symbols.get(name);
    if (
      (this.#machines.has(name) && instead.length === 0) ||
      (symbol !== undefined && isMachineSymbol(symbol, this.#arch))
    )
      return 'machine';
    return [full, ...instead].some((one) => this.#containers.has(one)) ? 'containers' : undefined;
  }

  /**
   * Returns the machine symbols that only another tree has. A configuration follows the order of the menus, so an unknown
   * symbol between machines of this architecture is a machine, too.
   */
  #unknownMachines(lines: readonly SymbolLine[]): Set<string> {
    const roles = lines.map(({ symbol }): 'machine' | 'architecture' | 'other' | undefined => {
      const found = this.#read.tree.symbols.get(bare(symbol));
      if (found === undefined || found.nodes.length === 0) return undefined;
      if (isMachineSymbol(found, this.#arch)) return 'machine';
      return isOfArchitecture(found, this.#arch) ? 'architecture' : 'other';
    });
    const before = carriedOn(roles);
    // Lines appended to the end of a file follow no menu.
    const after = carriedOn([...roles, 'other' as const].reverse()).reverse();
    const isMachine = (index: number): boolean => {
      const around = [before[index], after[index]];
      return roles[index] === undefined && around.includes('machine') && !around.includes('other');
    };
    return new Set(lines.filter((_, index) => isMachine(index)).map(({ symbol }) => bare(symbol)));
  }
}

/** Replaces each missing entry by the last one before it. */
function carriedOn<T>(list: readonly (T | undefined)[]): (T | undefined)[] {
  let last: T | undefined;
  return list.map((one) => (last = one ?? last));
}

/** Returns the symbols that `modules: drop` removed from the file, and the switch that it turned off. */
function droppedNames({ baseLines, modules, requests }: ConfiguredTree, { tree }: ReadTree): Set<string> {
  if (modules === 'keep') return new Set();
  const names = baseLines
    .filter(({ symbol, value }) => modules === 'drop' && value === 'm' && !requests.has(symbol))
    .map(({ symbol }) => bare(symbol));
  return new Set([...names, tree.modules?.name ?? 'MODULES']);
}

function containerSymbols(): Set<string> {
  const lines = CONTAINER_FRAGMENTS.flatMap((name) => {
    const file = shippedPath(`kconfig-fragments/${name}.config`);
    return parseConfig(readFileSync(file, 'utf8'), file).lines;
  });
  return new Set(lines.map(({ symbol }) => symbol));
}
