import type { ConfDialect } from './conf-dialects.ts';
import { costOfProposal } from './change-cost.ts';
import { tristateOf } from './expression.ts';
import type { Assignment, Goal } from './goals.ts';
import { gates, neverOff } from './guarded-symbols.ts';
import { lineCost, satisfies } from './line-cost.ts';
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
  /** Symbols that a person named: gates among them may be opened. */
  readonly named?: ReadonlySet<string>;
}

/** Lines that give a wanted symbol as far as we can tell; conf has the last word. */
export interface Proposal {
  readonly wanted: Wanted;
  /** Empty when nothing leads there: `blocked` then says whether that is certain. */
  readonly lines: readonly Wanted[];
  /** Other sets of lines that give it too, the cheapest first. */
  readonly alternatives?: readonly (readonly Wanted[])[];
  /**
   * `impossible`: no way leads there. `unsure`: ways do, but each breaks something else. `hidden`: it has no prompt, and
   * only another symbol that nobody asked for could bring it. `gated`: only what `gates` names leads there.
   */
  readonly blocked?: 'unknown' | 'impossible' | 'unsure' | 'hidden' | 'gated';
  readonly gates?: readonly string[];
  /** What was thought of and rejected, with why. */
  readonly rejected: readonly { readonly lines: readonly Wanted[]; readonly why: string }[];
}

/** How many different sets of lines are thought through for one symbol. */
const MAX_ATTEMPTS = 12;
/** How often the lines of one way are added to. */
const MAX_STAGES = 4;
/** How many different ways are compared for one symbol. */
const MAX_CANDIDATES = 3;
/** What can be asked for is better asked for than brought along by something else. */
const BROUGHT_ALONG = 3;
/** Bringing along is the only way to what cannot be asked for. */
const BROUGHT_ALONG_HIDDEN = 0.3;
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
    const found: (readonly Wanted[])[] = [];
    let reachable = false;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && found.length < MAX_CANDIDATES; attempt++) {
      const first = this.#linesFrom(this.#values, []);
      if (first === undefined) break;
      reachable = true;
      const lines = this.#deepen(first);
      const key = lines.map(({ symbol, value }) => `${symbol}=${value}`).join(' ');
      // Once something works, what comes again has no other way beside it.
      if (seen.has(key) && found.length > 0) break;
      if (!seen.has(key)) {
        seen.add(key);
        const why = this.#fault(lines);
        if (why === undefined) found.push(this.#smallest(lines));
        else this.#rejected.push({ lines, why });
      }
      this.#penalise(lines);
    }
    const [lines, ...alternatives] = this.#cheapestFirst(found);
    if (lines === undefined) return this.#blocked(reachable);
    return { wanted: this.#wanted, lines, alternatives, rejected: this.#rejected };
  }

  /** By what they change of the final .config; a line that switches something off weighs more than one that does not. */
  #cheapestFirst(found: readonly (readonly Wanted[])[]): (readonly Wanted[])[] {
    const keyOf = (lines: readonly Wanted[]): string => JSON.stringify(lines);
    const different = [...new Map(found.map((lines) => [keyOf(lines), lines])).values()];
    if (different.length < 2) return different;
    const priced = different.map((lines) => ({ lines, cost: foretoldCost(this.#input, lines) }));
    return priced
      .sort((a, b) => a.cost - b.cost || a.lines.length - b.lines.length)
      .map(({ lines }) => lines);
  }

  /** Why there are no lines: whether only something that is not proposed leads there. */
  #blocked(reachable: boolean): Proposal {
    const none = { wanted: this.#wanted, lines: [], rejected: this.#rejected };
    if (reachable) return { ...none, blocked: 'unsure' };
    const free = this.#solve(this.#values, [], true);
    if (free === undefined) return { ...none, blocked: 'impossible' };
    const opened = free.filter(({ symbol, value }) => value !== 'n' && gates.has(symbol));
    const names = opened.map(({ symbol }) => symbol).filter((name) => name !== this.#symbol.name);
    if (names.length > 0) return { ...none, blocked: 'gated', gates: names };
    return { ...none, blocked: this.#isHidden() ? 'hidden' : 'impossible' };
  }

  #isHidden(): boolean {
    return this.#symbol.prompts.length === 0;
  }

  /** The lines of the cheapest way from some values on, after others; undefined when there is none. */
  #linesFrom(values: SymbolValues, earlier: readonly Wanted[]): Wanted[] | undefined {
    return this.#solve(values, earlier, false);
  }

  /** `free`: also through what is not proposed, to say that it is there. */
  #solve(values: SymbolValues, earlier: readonly Wanted[], free: boolean): Wanted[] | undefined {
    const input = free ? { ...this.#input, named: new Set([...gates.keys(), ...neverOff]) } : this.#input;
    const solved = solveGoal(this.#goal(), {
      values,
      defaultCounts: (symbol) => this.#defaultCounts(symbol),
      selectCost: (target) => (free ? 0 : this.#selectCost(target)),
      lineCost: (assignment) => {
        const before = earlier.find(({ symbol }) => symbol === assignment.symbol.name);
        return before !== undefined && before.value !== assignment.value
          ? Infinity
          : this.#lineCost(assignment, input, free);
      },
    });
    if (solved.best === undefined) return undefined;
    const lines = new Map(earlier.map((line) => [line.symbol, line]));
    for (const line of this.#newLines(linesOf(solved))) lines.set(line.symbol, line);
    return [...lines.values()];
  }

  /** Some driver that happens to select what is wanted is not what was asked for. */
  #selectCost(target: KconfigSymbol): number {
    if (target === this.#symbol && this.#isHidden()) return Infinity;
    return target.prompts.length > 0 ? BROUGHT_ALONG : BROUGHT_ALONG_HIDDEN;
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

  #lineCost(assignment: Assignment, input: FixInput, free: boolean): number {
    const { symbol, value } = assignment;
    // What only follows from others is not worth switching any of them off.
    if (!free && value === 'n' && this.#isHidden() && this.#wanted.value !== 'n') return Infinity;
    return (
      lineCost(input, this.#symbol.name, assignment) + (this.#penalties.get(`${symbol.name}=${value}`) ?? 0)
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

/** The cost of lines as it is foreseen, without a run of conf. */
function foretoldCost(input: FixInput, lines: readonly Wanted[]): number {
  const before = textsOf(input, []);
  const after = textsOf(input, lines);
  const changes = [...after]
    .map(([symbol, text]) => ({ symbol, before: before.get(symbol) ?? 'n', after: text }))
    .filter((change) => change.before !== change.after);
  return costOfProposal(lines, changes, input);
}

function textsOf(input: FixInput, lines: readonly Wanted[]): Map<string, string> {
  const values = foretell(input, lines);
  return new Map([...input.tree.symbols].map(([name, symbol]) => [name, values.text(symbol)]));
}
