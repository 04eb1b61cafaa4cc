import { tristateOf } from '../kconfig-tree/expression.ts';
import type { FixInput, Proposal, Wanted } from './fix-input.ts';
import { predictValues, predictedCost } from './predict-changes.ts';
import type { Assignment, Goal } from './ways-to-goal.ts';
import { gates, neverOff } from './guarded-symbols.ts';
import { lineCost, satisfies } from './line-cost.ts';
import { isSelectedByDriver } from './judge-selector.ts';
import type { KconfigSymbol, Selection } from '../kconfig-tree/menu-tree.ts';
import { linesOf, selectionsOf, solveGoal, type SolvedGoal } from './solve-goal.ts';
import { SymbolValues } from '../kconfig-tree/symbol-values.ts';

/** How many different sets of lines are considered for one symbol. */
const MAX_ATTEMPTS = 12;
/** How often the lines of one way are extended. */
const MAX_STAGES = 4;
/** How many different ways are compared for one symbol. */
const MAX_CANDIDATES = 3;
/** If a symbol can be requested, a direct request is better than having something else bring it along. */
const BROUGHT_ALONG = 3;
/** A symbol without a prompt can only be brought along, best by something that is on or requested. */
const BROUGHT_ALONG_HIDDEN = 0.3;
/** An unrequested driver, considered only to name it. */
const BY_DRIVER = 20;
/** Ways that failed are tried again only when nothing else is left. */
const TRIED = 50;

/** Finds the smallest set of lines that should give a symbol its value, without running anything. */
export function proposeFix(input: FixInput, wanted: Wanted): Proposal {
  const symbol = input.tree.symbols.get(wanted.symbol);
  if (symbol === undefined || symbol.nodes.length === 0)
    return { wanted, lines: [], blocked: 'unknown', rejected: [] };
  return new Search(input, symbol, wanted).run();
}

interface FoundWay {
  readonly lines: readonly Wanted[];
  /** The symbols it brings along, and what brings them. */
  readonly selections: readonly Selection[];
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
    const found: FoundWay[] = [];
    let reachable = false;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && found.length < MAX_CANDIDATES; attempt++) {
      const solved = this.#solve(this.#values, 'proposed');
      if (solved === undefined) break;
      reachable = true;
      const lines = this.#deepen(this.#linesIn(solved, []));
      const key = lines.map(({ symbol, value }) => `${symbol}=${value}`).join(' ');
      // A repeated way means that there are no further ones; stop if something works.
      if (seen.has(key) && found.length > 0) break;
      if (!seen.has(key)) {
        seen.add(key);
        const why = this.#fault(lines);
        if (why === undefined) found.push({ lines: this.#smallest(lines), selections: selectionsOf(solved) });
        else this.#rejected.push({ lines, why });
      }
      this.#penalise(lines);
    }
    const [lines, ...alternatives] = this.#cheapestFirst(this.#byAskedFor(found));
    if (lines === undefined) return this.#blocked(reachable);
    return { wanted: this.#wanted, lines, alternatives, rejected: this.#rejected };
  }

  /** Leaves out ways in which another symbol brings along what a requested symbol brings already. */
  #byAskedFor(found: readonly FoundWay[]): (readonly Wanted[])[] {
    const isAsked = ({ by }: Selection): boolean => by.prompts.length === 0 || this.#isThere(by);
    const asked = new Set(
      found.flatMap(({ selections }) => selections.filter(isAsked).map(({ target }) => target)),
    );
    return found
      .filter(({ selections }) => selections.every((one) => isAsked(one) || !asked.has(one.target)))
      .map(({ lines }) => lines);
  }

  /** Sorts by the changes to the final .config; lines that switch something off weigh more than others. */
  #cheapestFirst(found: readonly (readonly Wanted[])[]): (readonly Wanted[])[] {
    const keyOf = (lines: readonly Wanted[]): string => JSON.stringify(lines);
    const different = [...new Map(found.map((lines) => [keyOf(lines), lines])).values()];
    if (different.length < 2) return different;
    const priced = different.map((lines) => ({ lines, cost: predictedCost(this.#input, lines) }));
    return priced
      .sort((a, b) => a.cost - b.cost || a.lines.length - b.lines.length)
      .map(({ lines }) => lines);
  }

  /** Returns a proposal without lines, and the reason: whether something that is not proposed would help. */
  #blocked(reachable: boolean): Proposal {
    const none = { wanted: this.#wanted, lines: [], rejected: this.#rejected };
    if (reachable) return { ...none, blocked: 'unsure' };
    const brought = this.#broughtByDrivers();
    if (brought.length > 0) return { ...none, blocked: 'drivers', brought };
    const free = this.#solve(this.#values, 'free');
    if (free === undefined) return { ...none, blocked: 'impossible' };
    const opened = this.#linesIn(free, []).filter(({ symbol, value }) => value !== 'n' && gates.has(symbol));
    const names = opened.map(({ symbol }) => symbol).filter((name) => name !== this.#symbol.name);
    if (names.length > 0) return { ...none, blocked: 'gated', gates: names };
    return { ...none, blocked: this.#isHidden() ? 'hidden' : 'impossible' };
  }

  #isHidden(): boolean {
    return this.#symbol.prompts.length === 0;
  }

  /** Returns what the cheapest way takes from drivers, when only drivers make one possible. */
  #broughtByDrivers(): { symbol: string; by: string[] }[] {
    const solved = this.#solve(this.#values, 'drivers');
    return selectionsOf(solved)
      .filter((selection) => this.#isUnaskedDriver(selection))
      .map(({ by, target }) => {
        const others = [...target.selectedBy, ...target.impliedBy]
          .filter((selection) => this.#isUnaskedDriver(selection))
          .map((selection) => selection.by.name);
        return { symbol: target.name, by: [...new Set([by.name, ...others])] };
      });
  }

  /** Returns the lines of the cheapest way from the given values on, after earlier ones; undefined when there is none. */
  #linesFrom(values: SymbolValues, earlier: readonly Wanted[]): Wanted[] | undefined {
    const solved = this.#solve(values, 'proposed', earlier);
    return solved === undefined ? undefined : this.#linesIn(solved, earlier);
  }

  #linesIn(solved: SolvedGoal, earlier: readonly Wanted[]): Wanted[] {
    const lines = new Map(earlier.map((line) => [line.symbol, line]));
    for (const line of this.#newLines(linesOf(solved))) lines.set(line.symbol, line);
    return [...lines.values()];
  }

  /** `drivers` and `free` also use drivers, or anything, which is not proposed, but shows that there is a way. */
  #solve(
    values: SymbolValues,
    through: 'proposed' | 'drivers' | 'free',
    earlier: readonly Wanted[] = [],
  ): SolvedGoal | undefined {
    const free = through === 'free';
    const opened = new Map([...gates.keys(), ...neverOff].map((name) => [name, '']));
    const input = free ? { ...this.#input, named: opened } : this.#input;
    const solved = solveGoal(this.#goal(), {
      values,
      defaultCounts: (symbol) => this.#defaultCounts(symbol),
      selectCost: (selection) => {
        if (free) return 0;
        const cost = this.#selectCost(selection);
        return cost === Infinity && through === 'drivers' && selection.target !== this.#symbol
          ? BY_DRIVER
          : cost;
      },
      lineCost: (assignment) => {
        const before = earlier.find(({ symbol }) => symbol === assignment.symbol.name);
        return before !== undefined && before.value !== assignment.value
          ? Infinity
          : this.#lineCost(assignment, input, free);
      },
    });
    return solved.best === undefined ? undefined : solved;
  }

  /** A driver that happens to select the wanted symbol, or a dependency of it, is not what the user asked for. */
  #selectCost(selection: Selection): number {
    const { by, target } = selection;
    const isWanted = target === this.#symbol && this.#isHidden();
    if (isWanted ? !this.#isAskedFor(by.name) : this.#isUnaskedDriver(selection)) return Infinity;
    if (target.prompts.length > 0) return BROUGHT_ALONG;
    return by.prompts.length === 0 || this.#isThere(by) ? BROUGHT_ALONG_HIDDEN : BROUGHT_ALONG;
  }

  #isUnaskedDriver(selection: Selection): boolean {
    return !this.#isThere(selection.by) && isSelectedByDriver(selection, this.#input.tree);
  }

  /** Whether a symbol is on already, or will be. */
  #isThere({ name }: KconfigSymbol): boolean {
    const { base, final } = this.#input;
    return this.#isAskedFor(name) || isOn(final.get(name)) || isOn(base.get(name));
  }

  #isAskedFor(name: string): boolean {
    const { asked, named, required } = this.#input;
    return isOn(asked.get(name)) || isOn(named?.get(name)) || required?.has(name) === true;
  }

  /** The first lines can break a condition that holds while all is n, such as "A = B"; this finds the missing ones. */
  #deepen(first: readonly Wanted[]): readonly Wanted[] {
    let lines = first;
    for (let stage = 0; stage < MAX_STAGES; stage++) {
      const then = predictValues(this.#input, lines);
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
    // A symbol that only follows from others is not worth switching any of them off.
    if (!free && value === 'n' && this.#isHidden() && this.#wanted.value !== 'n') return Infinity;
    return (
      lineCost(input, this.#symbol.name, assignment) + (this.#penalties.get(`${symbol.name}=${value}`) ?? 0)
    );
  }

  /** Returns the lines that fragments do not have already. */
  #newLines(assignments: readonly Assignment[]): Wanted[] {
    return assignments
      .map(({ symbol, value }) => ({ symbol: symbol.name, value }))
      .filter(({ symbol, value }) => this.#input.asked.get(symbol) !== value);
  }

  /** Returns why the lines would fail, or undefined when they would work. */
  #fault(lines: readonly Wanted[]): string | undefined {
    const then = predictValues(this.#input, lines);
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

  /** Drops lines that are not needed. */
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

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== 'n' && value !== '';
}
