import type { ConfDialect } from './conf-dialects.ts';
import { tristateOf } from './expression.ts';
import type { Assignment, Goal } from './goals.ts';
import type { KconfigSymbol, KconfigTree } from './menu-tree.ts';
import { linesOf, solveGoal } from './solve-goal.ts';
import { SymbolValues } from './symbol-values.ts';

/** A symbol (without `CONFIG_`) and the value it should have in the final .config. */
export interface Wanted {
  readonly symbol: string;
  readonly value: string;
}

/** Everything that is known before anything is proposed. All names are without `CONFIG_`, all texts without quotes. */
export interface FixInput {
  readonly tree: KconfigTree;
  readonly dialect: ConfDialect;
  readonly unset: 'n' | 'default';
  /** What the defconfig asks for. Its choices, such as the machine and the processor, are the board itself and stay. */
  readonly base: ReadonlyMap<string, string>;
  /** What fragments and the profile ask for: never changed by a proposal. */
  readonly asked: ReadonlyMap<string, string>;
  readonly final: ReadonlyMap<string, string>;
}

/** Lines that give a wanted symbol as far as we can tell; conf has the last word. */
export interface Proposal {
  readonly wanted: Wanted;
  /** Empty when nothing leads there: `blocked` then says whether that is certain. */
  readonly lines: readonly Wanted[];
  /** `impossible`: no way leads there. `unsure`: ways do, but each breaks something else. */
  readonly blocked?: 'unknown' | 'impossible' | 'unsure';
  /** What was thought of and rejected, with why. */
  readonly rejected: readonly { readonly lines: readonly Wanted[]; readonly why: string }[];
}

/** How many different sets of lines are thought through for one symbol. */
const MAX_ATTEMPTS = 12;
/** How often the lines of one way are added to. */
const MAX_STAGES = 4;
/** Changing what the defconfig asks for is worse than several lines more. */
const AGAINST_BASE = 10;
/** What was tried and did not work is tried again only when nothing else is left. */
const TRIED = 50;

/** Finds the smallest set of lines that should give a symbol its value. Runs nothing. */
export function proposeFix(input: FixInput, wanted: Wanted): Proposal {
  const symbol = input.tree.symbols.get(wanted.symbol);
  if (symbol === undefined || symbol.nodes.length === 0)
    return { wanted, lines: [], blocked: 'unknown', rejected: [] };
  return new Search(input, symbol, wanted).run();
}

/** The values that conf should come to with further lines. */
export function foretell(input: FixInput, lines: readonly Wanted[]): SymbolValues {
  const requested = new Map([...input.base, ...input.asked]);
  for (const { symbol, value } of lines) {
    requested.delete(symbol);
    requested.set(symbol, value);
  }
  return new SymbolValues(input.tree, { requested, unset: input.unset, dialect: input.dialect });
}

/**
 * What a line costs beyond itself when the board stays what it is; Infinity: it may not be written. `wanted` is the
 * symbol all this is for, which alone may be changed against the fragments.
 */
export function lineCost({ asked, base }: FixInput, wanted: string, { symbol, value }: Assignment): number {
  const given = asked.get(symbol.name);
  // It stands in a fragment already: only what keeps it from holding is missing.
  if (given !== undefined && symbol.name !== wanted) return satisfies(given, value) ? -1 : Infinity;
  if (symbol.name !== wanted && movesTheBoard({ asked, base }, symbol)) return Infinity;
  return base.has(symbol.name) && base.get(symbol.name) !== value ? AGAINST_BASE : 0;
}

/** Another member of a choice that somebody made on purpose: another machine, another processor. */
function movesTheBoard({ asked, base }: Pick<FixInput, 'asked' | 'base'>, symbol: KconfigSymbol): boolean {
  const others = symbol.choice?.members.filter((member) => member !== symbol) ?? [];
  return others.some(({ name }) => base.get(name) === 'y' || asked.get(name) === 'y');
}

class Search {
  readonly #input: FixInput;
  readonly #symbol: KconfigSymbol;
  readonly #wanted: Wanted;
  readonly #values: SymbolValues;
  readonly #penalties = new Map<string, number>();
  readonly #rejected: { lines: readonly Wanted[]; why: string }[] = [];

  constructor(input: FixInput, symbol: KconfigSymbol, wanted: Wanted) {
    this.#input = input;
    this.#symbol = symbol;
    this.#wanted = wanted;
    const { base, asked, unset, dialect, final } = input;
    this.#values = new SymbolValues(input.tree, {
      requested: new Map([...base, ...asked]),
      unset,
      dialect,
      final,
    });
  }

  run(): Proposal {
    const seen = new Set<string>();
    let reachable = false;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const first = this.#linesFrom(this.#values, []);
      if (first === undefined) break;
      reachable = true;
      const lines = this.#deepen(first);
      const key = lines.map(({ symbol, value }) => `${symbol}=${value}`).join(' ');
      if (!seen.has(key)) {
        seen.add(key);
        const why = this.#fault(lines);
        if (why === undefined)
          return { wanted: this.#wanted, lines: this.#smallest(lines), rejected: this.#rejected };
        this.#rejected.push({ lines, why });
      }
      this.#penalise(lines);
    }
    const blocked = reachable ? 'unsure' : 'impossible';
    return { wanted: this.#wanted, lines: [], blocked, rejected: this.#rejected };
  }

  /** The lines of the cheapest way from some values on, after others; undefined when there is none. */
  #linesFrom(values: SymbolValues, earlier: readonly Wanted[]): Wanted[] | undefined {
    const solved = solveGoal(this.#goal(), {
      values,
      defaultCounts: (symbol) => this.#defaultCounts(symbol),
      lineCost: (assignment) => {
        const before = earlier.find(({ symbol }) => symbol === assignment.symbol.name);
        return before !== undefined && before.value !== assignment.value
          ? Infinity
          : this.#lineCost(assignment);
      },
    });
    if (solved.best === undefined) return undefined;
    const lines = new Map(earlier.map((line) => [line.symbol, line]));
    for (const line of this.#newLines(linesOf(solved))) lines.set(line.symbol, line);
    return [...lines.values()];
  }

  /** A condition that holds while all is n, such as "A = B", can break by the first lines: then the rest is looked for. */
  #deepen(first: readonly Wanted[]): readonly Wanted[] {
    let lines = first;
    for (let stage = 0; stage < MAX_STAGES; stage++) {
      const then = foretell(this.#input, lines);
      if (this.#holds(then, this.#symbol, this.#wanted.value)) break;
      const more = this.#linesFrom(then, lines);
      if (more === undefined || more.length === lines.length) break;
      lines = more;
    }
    return lines;
  }

  #defaultCounts({ name }: KconfigSymbol): boolean {
    const { unset, base, asked } = this.#input;
    return unset === 'default' && !base.has(name) && !asked.has(name);
  }

  #goal(): Goal {
    const { type } = this.#symbol;
    if (type === 'bool' || type === 'tristate')
      return { kind: 'symbol', symbol: this.#symbol, value: tristateOf(this.#wanted.value) };
    return { kind: 'text', symbol: this.#symbol, text: this.#wanted.value };
  }

  #lineCost(assignment: Assignment): number {
    const { symbol, value } = assignment;
    return (
      lineCost(this.#input, this.#symbol.name, assignment) +
      (this.#penalties.get(`${symbol.name}=${value}`) ?? 0)
    );
  }

  /** Lines that fragments do not have already. */
  #newLines(assignments: readonly Assignment[]): Wanted[] {
    return assignments
      .map(({ symbol, value }) => ({ symbol: symbol.name, value }))
      .filter(({ symbol, value }) => this.#input.asked.get(symbol) !== value);
  }

  /** Why the lines would not do, or undefined when they would. */
  #fault(lines: readonly Wanted[]): string | undefined {
    const then = foretell(this.#input, lines);
    if (!this.#holds(then, this.#symbol, this.#wanted.value))
      return `${this.#symbol.name} would still be ${then.text(this.#symbol)}`;
    for (const [name, value] of this.#input.asked) {
      const symbol = this.#input.tree.symbols.get(name);
      if (symbol === undefined || name === this.#wanted.symbol) continue;
      if (this.#holds(this.#values, symbol, value) && !this.#holds(then, symbol, value))
        return `${name} would be lost`;
    }
    return undefined;
  }

  #holds(values: SymbolValues, symbol: KconfigSymbol, value: string): boolean {
    return satisfies(values.text(symbol), value);
  }

  /** A line that is not needed is left out. */
  #smallest(lines: readonly Wanted[]): Wanted[] {
    let kept = [...lines];
    for (const line of lines) {
      const without = kept.filter((one) => one !== line);
      if (this.#fault(without) === undefined) kept = without;
    }
    return kept;
  }

  #penalise(lines: readonly Wanted[]): void {
    for (const { symbol, value } of lines) {
      if (symbol === this.#wanted.symbol) continue;
      const key = `${symbol}=${value}`;
      this.#penalties.set(key, (this.#penalties.get(key) ?? 0) + TRIED);
    }
  }
}

/** Whether a value is what was asked for, or more: y is as good as m. */
export function satisfies(value: string, asked: string): boolean {
  return value === asked || (asked === 'm' && value === 'y');
}
