import type { Expression } from './expression.ts';
import { goalKey, waysTo, type Assignment, type Goal, type Way, type WayOptions } from './goals.ts';
import type { Selection } from './menu-tree.ts';

/** A goal with the cheapest way to it that was found. */
export interface SolvedGoal {
  readonly goal: Goal;
  /** Infinity when nothing leads to it. */
  cost: number;
  /** The cheapest way; undefined when nothing leads to it. */
  best: SolvedWay | undefined;
  /** Every way, those that lead nowhere too. */
  readonly ways: readonly SolvedWay[];
}

export interface SolvedWay {
  readonly way: Way;
  readonly parts: readonly SolvedGoal[];
}

export interface SolveOptions extends WayOptions {
  /** What a line costs beyond its own worth: Infinity forbids it. */
  readonly lineCost: (assignment: Assignment) => number;
}

/** More goals than any chain of a real tree reaches; what lies beyond counts as out of reach. */
const MAX_GOALS = 30_000;

/**
 * Finds the cheapest way to a goal: first everything that could matter, then costs from the ends backwards until none
 * gets lower. Goals that need themselves stay out of reach that way.
 */
export function solveGoal(goal: Goal, options: SolveOptions): SolvedGoal {
  const graph = new GoalGraph(options);
  const root = graph.goal(goal);
  graph.settle();
  return root;
}

/** The lines that the cheapest ways write, each symbol once, what comes first before what needs it. */
export function linesOf(solved: SolvedGoal): Assignment[] {
  const found = new Map<string, Assignment>();
  const seen = new Set<SolvedGoal>();
  // Each goal twice: first to put its parts before it, then to write its own line. Chains can be long.
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

/** The selections that the cheapest ways rely on, each once; none where nothing leads there. */
export function selectionsOf(solved: SolvedGoal | undefined): Selection[] {
  const found = new Set<Selection>();
  const seen = new Set(solved === undefined ? [] : [solved]);
  // A set can grow while it is gone through.
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
      // Rounding must not keep it going for ever.
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
