import { joinWords } from '../base/join-words.ts';
import { formatExpression, letterOf, partsOf } from '../kconfig-tree/expression.ts';
import type { Expression } from '../kconfig-tree/menu-tree.ts';
import { conditionsAround, conditionsOfPrompt, holds, type Goal } from './ways-to-goal.ts';
import type { KconfigSymbol, Place, Selection, SymbolType } from '../kconfig-tree/menu-tree.ts';
import { solveGoal, type SolvedGoal, type SolvedWay, type SolveOptions } from './solve-goal.ts';
import type { SymbolValues } from '../kconfig-tree/symbol-values.ts';

/** Says where a symbol is asked for: `=y in kconfig-fragments/lxc.config:14`. Undefined when it is not. */
export type AskedFor = (name: string) => string | undefined;

/** One link of the chain: a symbol, its value, and the reason for it. */
export interface Because {
  readonly symbol: string;
  readonly value: string;
  /** "depends on CGROUPS (y) and SMP (n)". */
  readonly reason: string;
  /** The number of links between it and the symbol in question. */
  readonly depth: number;
}

/** The facts about a symbol, and the reasons for its value. */
export interface Explanation {
  readonly symbol: string;
  readonly type: SymbolType;
  readonly prompt: string | undefined;
  readonly definedAt: readonly Place[];
  readonly askedFor: string | undefined;
  readonly value: string;
  /** The symbol itself first, then its obstacles. */
  readonly because: readonly Because[];
}

/** Longer lists are cut: two hundred selecting drivers help no one. */
const MAX_LISTED = 6;
const MAX_LINKS = 16;

/**
 * Explains a symbol's value: why it is not set, or what set it. With `lineCost`, the chain follows the obstacles that
 * remain even with every line that does not cost Infinity.
 */
export function explainSymbol(
  symbol: KconfigSymbol,
  values: SymbolValues,
  askedFor: AskedFor,
  lineCost: SolveOptions['lineCost'] = () => 0,
): Explanation {
  return {
    symbol: symbol.name,
    type: symbol.type,
    prompt: symbol.prompts[0]?.text,
    definedAt: symbol.nodes.map(({ place }) => place),
    askedFor: askedFor(symbol.name),
    value: values.text(symbol),
    because: new Chain(values, askedFor, lineCost).from(symbol),
  };
}

class Chain {
  readonly #values: SymbolValues;
  readonly #askedFor: AskedFor;
  readonly #lineCost: SolveOptions['lineCost'];
  readonly #links: Because[] = [];
  readonly #linked = new Set<KconfigSymbol>();

  constructor(values: SymbolValues, askedFor: AskedFor, lineCost: SolveOptions['lineCost']) {
    this.#values = values;
    this.#askedFor = askedFor;
    this.#lineCost = lineCost;
  }

  from(symbol: KconfigSymbol): Because[] {
    const isTristate = symbol.type === 'bool' || symbol.type === 'tristate';
    if (isTristate && this.#values.tristate(symbol) === 0) {
      const goal: Goal = { kind: 'symbol', symbol, value: 2 };
      const solved = solveGoal(goal, {
        values: this.#values,
        lineCost: this.#lineCost,
        // A default that counts would already have set it.
        defaultCounts: () => false,
      });
      this.#unmet([solved]);
    } else this.#link(symbol, this.#whySet(symbol), 0);
    return this.#links;
  }

  /** Searches breadth first: obstacles nearest to the symbol come first. */
  #unmet(start: readonly SolvedGoal[]): void {
    let level: readonly SolvedGoal[] = start;
    for (let depth = 0; level.length > 0; depth++) {
      const next: SolvedGoal[] = [];
      for (const solved of level) {
        const { goal } = solved;
        if (goal.kind === 'expression') continue;
        if (this.#linked.has(goal.symbol) || this.#links.length >= MAX_LINKS) continue;
        if (goal.kind === 'text' || goal.value === 0) {
          this.#link(goal.symbol, this.#whySet(goal.symbol), depth);
          continue;
        }
        this.#link(goal.symbol, this.#whyNot(goal.symbol, solved), depth);
        next.push(...this.#obstacles(solved));
      }
      level = next;
    }
  }

  #link(symbol: KconfigSymbol, reason: string, depth: number): void {
    this.#linked.add(symbol);
    this.#links.push({ symbol: symbol.name, value: this.#shownValue(symbol), reason, depth });
  }

  /** Returns the symbols that block the best way to a goal. */
  #obstacles(solved: SolvedGoal): SolvedGoal[] {
    const way = solved.best ?? leastHopeless(solved.ways);
    if (way === undefined) return [];
    // When there is no way at all, symbols that could be set are not the obstacle.
    const hopeless = way.parts.filter(({ cost }) => cost === Infinity);
    return (hopeless.length > 0 ? hopeless : way.parts).flatMap((part) => {
      if (holds(part.goal, this.#values)) return [];
      return part.goal.kind === 'expression' ? this.#obstacles(part) : [part];
    });
  }

  #whyNot(symbol: KconfigSymbol, solved: SolvedGoal): string {
    const asked = this.#askedFor(symbol.name);
    if (symbol.nodes.length === 0) return 'no Kconfig file that is read for this architecture defines it';
    const visible = this.#values.visibility(symbol);
    if (visible === 2) return this.#whyNotThoughVisible(symbol, asked);
    const [prompt] = symbol.prompts;
    if (prompt !== undefined)
      return `${this.#conditions(conditionsOfPrompt(prompt))}${this.#otherWay(solved)}`;
    const ways = [this.#selectors(symbol.selectedBy, 'or'), ...this.#defaults(symbol)].filter(
      (text) => text !== '',
    );
    const own = this.#unmetParts(symbol.nodes.flatMap(conditionsAround));
    const needs = own.length === 0 ? '' : `; ${this.#conditions(own)}`;
    return ways.length === 0
      ? `it has no prompt, no default that is not n, and nothing selects it${needs}`
      : `it has no prompt; it would be ${ways.join(', or ')}${needs}`;
  }

  /** Names a selecting symbol when the nearest way does not use the prompt, since the rest of the chain is then about that one. */
  #otherWay({ best }: SolvedGoal): string {
    if (best?.way.by.kind !== 'select' && best?.way.by.kind !== 'imply') return '';
    return `; ${this.#named(best.way.by.selection.by)} would ${best.way.by.kind} it`;
  }

  #whyNotThoughVisible(symbol: KconfigSymbol, asked: string | undefined): string {
    const chosen = symbol.choice?.members.find((member) => this.#values.tristate(member) === 2);
    if (chosen !== undefined) return `its choice has ${chosen.name} instead`;
    if (asked !== undefined) return `it was asked for ${asked}${unfit(symbol, asked)}`;
    return `it can be set, but nothing asks for it`;
  }

  #defaults(symbol: KconfigSymbol): string[] {
    return symbol.defaults.flatMap(({ value, condition }) => {
      if (value.kind === 'constant' && value.text === 'n') return [];
      const given = condition === undefined ? '' : ` if ${this.#format(condition)}`;
      return [`${this.#format(value)} by default${given}`];
    });
  }

  #whySet(symbol: KconfigSymbol): string {
    const asked = this.#askedFor(symbol.name);
    const selecting = symbol.selectedBy.filter((selection) => this.#values.selection(selection) > 0);
    const reasons: string[] = [];
    if (selecting.length > 0) reasons.push(this.#selectors(selecting, 'and'));
    if (asked !== undefined && this.#values.visibility(symbol) > 0) reasons.push(`asked for ${asked}`);
    if (reasons.length === 0) {
      const implying = symbol.impliedBy.filter((selection) => this.#values.selection(selection) > 0);
      const active = this.#values.activeDefault(symbol);
      if (implying.length > 0) reasons.push(this.#selectors(implying, 'and').replace('selected', 'implied'));
      if (active !== undefined) {
        const given = active.condition === undefined ? '' : ` if ${this.#format(active.condition)}`;
        const { file, line } = active.place;
        reasons.push(`${this.#format(active.value)} by default${given} (${file}:${line})`);
      }
      if (symbol.choice !== undefined) reasons.push('the default of its choice');
    }
    return reasons.length === 0 ? 'nothing asks for it and nothing selects it' : reasons.join(', and ');
  }

  #selectors(selections: readonly Selection[], word: 'and' | 'or'): string {
    if (selections.length === 0) return '';
    // Selectors that are on come first, since they decide the value; conditions distinguish the others.
    const sorted = [...selections].sort((a, b) => this.#values.tristate(b.by) - this.#values.tristate(a.by));
    const shown = sorted.slice(0, MAX_LISTED).map(({ by, condition }) => {
      const given = condition === undefined ? '' : ` if ${this.#format(condition)}`;
      return `${this.#named(by)}${given}`;
    });
    const more = sorted.length - shown.length;
    return `selected by ${joinWords(more > 0 ? [...shown, `${more} more`] : shown, word)}`;
  }

  #conditions(expressions: readonly Expression[]): string {
    const parts = expressions.flatMap((expression) => partsOf(expression, 'and'));
    const unmet = this.#unmetParts(parts);
    // Conditions that hold are shown too, as long as the sentence stays short.
    const shown = parts.length <= MAX_LISTED ? parts : unmet;
    const unique = [...new Set(shown.map((part) => this.#format(part, shown.length > 1)))];
    return `depends on ${joinWords(unique, 'and')}`;
  }

  #unmetParts(expressions: readonly Expression[]): Expression[] {
    return expressions
      .flatMap((expression) => partsOf(expression, 'and'))
      .filter((part) => this.#values.condition(part) < 2);
  }

  #format(expression: Expression, inList = false): string {
    const text = formatExpression(expression, (symbol) => this.#named(symbol));
    return inList && expression.kind === 'or' ? `(${text})` : text;
  }

  #named(symbol: KconfigSymbol): string {
    return symbol.type === 'unknown' && symbol.nodes.length === 0 && !/^[A-Z]/.test(symbol.name)
      ? symbol.name
      : `${symbol.name} (${this.#shownValue(symbol)})`;
  }

  #shownValue(symbol: KconfigSymbol): string {
    if (symbol.nodes.length === 0) return letterOf(this.#values.tristate(symbol));
    const text = this.#values.text(symbol);
    if (symbol.type === 'string') return `"${text}"`;
    return text === '' ? 'not set' : text;
  }
}

/** The values each type takes, as a regular expression and in words (Documentation/kbuild/kconfig-language.rst). */
const TAKES: Partial<Record<SymbolType, readonly [RegExp, string]>> = {
  bool: [/^[yn]$/, 'a bool takes y or n, no'],
  tristate: [/^[ymn]$/, 'a tristate takes y, m or n, no'],
};

/** When the requested value does not suit the symbol's type and conf refuses it: the reason, and what to write. */
function unfit({ name, type }: KconfigSymbol, asked: string): string {
  const value = /^=(\S*)/.exec(asked)?.[1] ?? '';
  const takes = TAKES[type];
  if (takes === undefined || takes[0].test(value)) return '';
  return `; ${takes[1]} =${value}: write CONFIG_${name}=y`;
}

/** When no way leads there, the one with the fewest obstacles explains most. */
function leastHopeless(ways: readonly SolvedWay[]): SolvedWay | undefined {
  const blocked = ({ parts }: SolvedWay): number => parts.filter(({ cost }) => cost === Infinity).length;
  return [...ways].sort((a, b) => blocked(a) - blocked(b))[0];
}
