import type { Expression } from '../kconfig-tree/menu-tree.ts';
import { goalKey, waysTo, type Assignment, type Goal, type Way, type WayOptions } from './ways-to-goal.ts';
import type { Selection } from '../kconfig-tree/menu-tree.ts';

/** A goal with the cheapest way to it that was found. */
export interface SolvedGoal {
  readonly goal: Goal;
  /** Infinity when there is no way. */
  cost: number;
  /** The cheapest way; undefined when there is none. */
  best: SolvedWay | undefined;
  /** Every way, including those that lead nowhere. */
  readonly ways: readonly SolvedWay[];
}

export interface SolvedWay {
  readonly way: Way;
  readonly parts: readonly SolvedGoal[];
}

export interface SolveOptions extends WayOptions {
  /** The cost of a line beyond the line itself; Infinity forbids it. */
  readonly lineCost: (assignment: Assignment) => number;
}

/** More goals than any chain of a real tree reaches; goals beyond it count as unreachable. */
const MAX_GOALS = 30_000;

/**
 * Finds the cheapest way to a goal: first it collects everything that could matter, then it computes costs backwards from
 * the ends until none gets lower. Goals that depend on themselves stay unreachable.
 */
export function solveGoal(goal: Goal, options: SolveOptions): SolvedGoal {
  const graph = new GoalGraph(options);
  const root = graph.goal(goal);
  graph.settle();
  return root;
}

/** Returns the lines of the cheapest ways, each symbol once, with dependencies before what needs them. */
export function linesOf(solved: SolvedGoal): Assignment[] {
  const found = new Map<string, Assignment>();
  const seen = new Set<SolvedGoal>();
  // Visits each goal twice: first to put its parts before it, then to write its own line. Chains can be too long to recurse.
  const open = [{ goal: solved, partsDone: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { goal, partsDone } = next;
    const { best } = goal;
    if (best === undefined) continue;
    const { assignment } = best.way;
    if (partsDone) {
      if (assignment !== undefined) found.set(assignment.symbol.name, assignment);
      continue;
    }
    if (seen.has(goal)) continue;
    seen.add(goal);
    open.push({ goal, partsDone: true });
    for (const part of [...best.parts].reverse()) open.push({ goal: part, partsDone: false });
  }
  return [...found.values()];
}

/** Returns the selections that the cheapest ways rely on, each once; empty when there is no way. */
export function selectionsOf(solved: SolvedGoal | undefined): Selection[] {
  const found = new Set<Selection>();
  const seen = new Set(solved === undefined ? [] : [solved]);
  // A set can grow while it is iterated.
  for (const { best } of seen) {
    if (best === undefined) continue;
    if (best.way.by.kind === 'select' || best.way.by.kind === 'imply') found.add(best.way.by.selection);
    for (const part of best.parts) seen.add(part);
  }
  return [...found];
}

class GoalGraph {
  readonly #options: SolveOptions;
  readonly #goals = new Map<string, SolvedGoal>();
  readonly #expressionIds = new Map<Expression, number>();
  readonly #open: SolvedGoal[] = [];

  constructor(options: SolveOptions) {
    this.#options = options;
  }

  goal(goal: Goal): SolvedGoal {
    const key = goalKey(goal, (expression) => this.#idOf(expression));
    const known = this.#goals.get(key);
    if (known !== undefined) return known;
    const solved: SolvedGoal = { goal, cost: Infinity, best: undefined, ways: [] };
    this.#goals.set(key, solved);
    this.#open.push(solved);
    return solved;
  }

  settle(): void {
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      if (this.#goals.size > MAX_GOALS) break;
      const ways = waysTo(next.goal, this.#options);
      const solved = ways.map((way) => ({ way, parts: way.parts.map((part) => this.goal(part)) }));
      (next.ways as SolvedWay[]).push(...solved);
    }
    const goals = [...this.#goals.values()].reverse();
    for (let changed = true; changed;) {
      changed = false;
      for (const goal of goals) if (this.#improve(goal)) changed = true;
    }
  }

  #improve(goal: SolvedGoal): boolean {
    let improved = false;
    for (const one of goal.ways) {
      const cost = this.#costOf(one);
      // Rounding errors must not keep the loop going.
      if (cost >= goal.cost - 1e-9) continue;
      goal.cost = cost;
      goal.best = one;
      improved = true;
    }
    return improved;
  }

  #costOf({ way, parts }: SolvedWay): number {
    let cost = way.cost + (way.assignment === undefined ? 0 : this.#options.lineCost(way.assignment));
    for (const part of parts) {
      cost += part.cost;
      if (cost === Infinity) break;
    }
    return cost;
  }

  #idOf(expression: Expression): number {
    const known = this.#expressionIds.get(expression) ?? this.#expressionIds.size;
    this.#expressionIds.set(expression, known);
    return known;
  }
}
