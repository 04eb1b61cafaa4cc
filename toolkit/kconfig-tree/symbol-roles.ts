import { partsOf, type Expression } from './expression.ts';
import { conditionsOfPrompt } from './goals.ts';
import type { KconfigSymbol, MenuNode } from './menu-tree.ts';
import type { SymbolValues } from './symbol-values.ts';

/**
 * Menus and choices below `arch/` in which a machine or a CPU is chosen: "Machine selection" and "CPU type" of MIPS,
 * "System Type" of ARM, "Platform selection" of arm64, "Processor family" of x86, "SoC selection" of RISC-V, and what
 * older trees have (Linux 2.6.31 to 7.1).
 */
const MACHINE_TITLE =
  /\b(?:machine|system type|platform|soc|socs|board|cpu|processor|endian\w*|kernel type|base isa|isa)\b/i;
/** Menus with one of these words that choose neither. */
const OTHER_TITLE =
  /\b(?:features|power management|accelerated|cryptographic|errata|idle\w*|frequency|options)\b/i;

/** Whether only the architecture's own files define a symbol; `kernelArch` is a folder of `arch/`. */
export function isOfArchitecture({ nodes }: KconfigSymbol, kernelArch: string): boolean {
  return nodes.length > 0 && nodes.every(({ place }) => place.file.startsWith(`arch/${kernelArch}/`));
}

/** Whether a symbol chooses the machine or the CPU: it stands in a menu or choice of the architecture for that. */
export function isMachineSymbol(symbol: KconfigSymbol, kernelArch: string): boolean {
  return isOfArchitecture(symbol, kernelArch) && symbol.nodes.some(choosesMachine);
}

function choosesMachine(node: MenuNode): boolean {
  let found = false;
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
    const title = outer.title ?? outer.choice?.prompts[0]?.text ?? '';
    if (OTHER_TITLE.test(title)) return false;
    found ||= MACHINE_TITLE.test(title);
  }
  return found;
}

/** Whether the tree computes a symbol: it is defined, and no prompt asks for it. */
export function isComputed({ nodes, prompts }: KconfigSymbol): boolean {
  return nodes.length > 0 && prompts.length === 0;
}

/** Whether a symbol that is not set needs, directly or by way of others, one of `gone`, which are not set either. */
export function needsOneOf(symbol: KconfigSymbol, gone: ReadonlySet<string>, values: SymbolValues): boolean {
  const seen = new Set<KconfigSymbol>();
  const queue = [symbol];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const needed of unmetSymbols(next, values)) {
      if (gone.has(needed.name)) return true;
      queue.push(needed);
    }
  }
  return false;
}

/** The symbols that are n in conditions of a symbol's prompts that do not hold. */
function unmetSymbols({ prompts }: KconfigSymbol, values: SymbolValues): KconfigSymbol[] {
  return prompts
    .flatMap(conditionsOfPrompt)
    .flatMap((expression) => partsOf(expression, 'and'))
    .filter((part) => values.condition(part) < 2)
    .flatMap(symbolsOf)
    .filter((one) => values.tristate(one) < 2);
}

/** The symbols that would help by being set. */
function symbolsOf(expression: Expression): KconfigSymbol[] {
  switch (expression.kind) {
    case 'symbol':
      return [expression.symbol];
    case 'and':
    case 'or':
      return [...symbolsOf(expression.left), ...symbolsOf(expression.right)];
    case 'compare':
      return expression.left.kind === 'symbol' ? [expression.left.symbol] : [];
    default:
      return [];
  }
}
