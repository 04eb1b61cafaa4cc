import type { Assignment } from './ways-to-goal.ts';
import { gates, neverOff } from './guarded-symbols.ts';
import type { KconfigSymbol } from '../kconfig-tree/menu-tree.ts';
import type { FixInput } from './fix-input.ts';

/** Changing a request of the defconfig is worse than several extra lines. */
const AGAINST_BASE = 10;
/** Raising the defconfig's m to y keeps everything it had. */
const RAISED = 1;
/** Switching off something that is on is worse than several extra lines. */
const SWITCHED_OFF = 20;

/**
 * Returns the cost of a line beyond the line itself, given that the board stays what it is; Infinity: it must not be
 * written. `wanted` is the symbol in question, the only one that may be changed against the fragments.
 */
export function lineCost(input: FixInput, wanted: string, { symbol, value }: Assignment): number {
  const { asked, base, final } = input;
  const given = asked.get(symbol.name);
  // A fragment already has this line; only its dependencies are missing.
  if (given !== undefined && symbol.name !== wanted) return satisfies(given, value) ? -1 : Infinity;
  if (symbol.name === wanted) return 0;
  const alsoWanted = input.named?.get(symbol.name);
  if (alsoWanted !== undefined && satisfies(value, alsoWanted)) return -1;
  if (movesTheBoard(input, symbol, wanted)) return Infinity;
  const isKept = value === 'n' ? neverOff.has(symbol.name) : gates.has(symbol.name);
  if (isKept && alsoWanted === undefined) return Infinity;
  const asBase = base.get(symbol.name);
  const off = value === 'n' && (final.get(symbol.name) ?? 'n') !== 'n' ? SWITCHED_OFF : 0;
  if (asBase === undefined || asBase === value) return off;
  return asBase === 'm' && value === 'y' ? RAISED : off + AGAINST_BASE;
}

/**
 * Whether an assignment picks another member of a choice that was made on purpose, such as another machine or processor.
 * Choices of the architecture define the board even where the defconfig keeps the default: byte order, page size.
 */
function movesTheBoard(
  { asked, base, final, tree }: FixInput,
  symbol: KconfigSymbol,
  wanted: string,
): boolean {
  const others = symbol.choice?.members.filter((member) => member !== symbol) ?? [];
  if (others.some(({ name }) => base.get(name) === 'y' || asked.get(name) === 'y')) return true;
  const type = tree.symbols.get(wanted)?.type;
  const isText = type !== 'bool' && type !== 'tristate';
  if (isText || symbol.nodes[0]?.place.file.startsWith('arch/') !== true) return false;
  return others.some(({ name }) => final.get(name) === 'y');
}

/** Whether a value is the requested one, or more: y is as good as m. */
export function satisfies(value: string, asked: string): boolean {
  return value === asked || (asked === 'm' && value === 'y');
}
