import type { ConfDialect } from './conf-dialects.ts';
import { partsOf } from './expression.ts';
import type { Expression } from './menu-tree.ts';
import type { Choice, KconfigSymbol, MenuNode, Prompt } from './menu-tree.ts';

/** Symbols and named choices by name, created when they are first named. */
export class SymbolTable {
  readonly symbols = new Map<string, KconfigSymbol>();
  readonly choices: Choice[] = [];
  modules: KconfigSymbol | undefined;
  readonly #named = new Map<string, Choice>();

  symbol(name: string): KconfigSymbol {
    const known = this.symbols.get(name);
    if (known !== undefined) return known;
    const symbol: KconfigSymbol = {
      name,
      type: 'unknown',
      nodes: [],
      prompts: [],
      defaults: [],
      ranges: [],
      selects: [],
      implies: [],
      selectedBy: [],
      impliedBy: [],
      choice: undefined,
      environment: undefined,
      onInAllnoconfig: false,
      transitional: false,
    };
    this.symbols.set(name, symbol);
    return symbol;
  }

  /** A choice without a name is always a new one; a named one can be continued elsewhere. */
  choice(name: string | undefined): Choice {
    const known = name === undefined ? undefined : this.#named.get(name);
    if (known !== undefined) return known;
    const choice: Choice = {
      name,
      type: 'unknown',
      nodes: [],
      prompts: [],
      defaults: [],
      members: [],
      optional: false,
    };
    this.choices.push(choice);
    if (name !== undefined) this.#named.set(name, choice);
    return choice;
  }
}

/**
 * Decides the members of choices and their types: members without a type have that of their choice, and a choice
 * without one has its first member's.
 */
export function settleChoices(choices: readonly Choice[], dialect: ConfDialect): void {
  for (const choice of choices) {
    if (dialect.choices === 'last') {
      settleType(choice);
      dropDependents(choice);
    } else {
      choice.type = 'bool';
      for (const member of choice.members) if (member.type === 'unknown') member.type = 'bool';
      // The condition of the prompt then only hides the menu; the members exist without it.
      choice.prompts.splice(0, Infinity, ...choice.prompts.map(withoutCondition));
    }
  }
}

/** Members inside an `if` do not count, so a choice can end up without a type; then it is always n. */
function settleType(choice: Choice): void {
  const direct = choice.members.filter(({ nodes }) => nodes.some(({ parent }) => parent?.choice === choice));
  if (choice.type === 'unknown')
    choice.type = direct.find(({ type }) => type !== 'unknown')?.type ?? 'unknown';
  for (const member of direct) if (member.type === 'unknown') member.type = choice.type;
}

function withoutCondition(prompt: Prompt): Prompt {
  return { ...prompt, condition: undefined };
}

/** A symbol behind a member that depends on that member is shown below it (`menu_finalize`, "Automatic submenu creation"). */
function dropDependents(choice: Choice): void {
  const [...all] = choice.members;
  /** Returns the place behind everything that is shown below the member at `top`. */
  const drop = (top: number): number => {
    let next = top + 1;
    for (;;) {
      const [on, member] = [all[top], all[next]];
      if (on === undefined || member === undefined || !dependsOn(member, on, choice)) return next;
      choice.members.splice(choice.members.indexOf(member), 1);
      member.choice = undefined;
      // Symbols that depend on a dependent are below that one.
      next = drop(next);
    }
  };
  for (let top = 0; top < all.length;) top = drop(top);
}

function dependsOn(symbol: KconfigSymbol, on: KconfigSymbol, within: Choice): boolean {
  const start = symbol.nodes.find((one) => enclosingChoice(one.parent) === within);
  const prompt = symbol.prompts.find(({ node }) => node === start)?.condition;
  const conditions = prompt === undefined ? [] : [prompt];
  for (let node = start; node !== undefined && node.choice === undefined; node = node.parent)
    conditions.push(...node.conditions.map(({ expression }) => expression));
  return conditions.flatMap((expression) => partsOf(expression, 'and')).some((part) => needs(part, on));
}

/** `expr_depends_symbol` of scripts/kconfig/expr.c: the symbol itself, or a comparison that holds when it is on. */
function needs(part: Expression, on: KconfigSymbol): boolean {
  if (part.kind === 'symbol') return part.symbol === on;
  if (part.kind !== 'compare' || part.left.kind !== 'symbol' || part.left.symbol !== on) return false;
  const text = part.right.kind === 'constant' ? part.right.text : '';
  return part.operator === '=' ? text === 'y' || text === 'm' : part.operator === '!=' && text === 'n';
}

/** An `if` inside a choice only adds a condition to its members. */
export function enclosingChoice(parent: MenuNode | undefined): Choice | undefined {
  let node = parent;
  while (node?.kind === 'if') node = node.parent;
  return node?.choice;
}

/** A bool member of a tristate choice exists only while the choice is y, when there can be only one member. */
export function isBoolInTristateChoice({ symbol, parent }: MenuNode): boolean {
  if (symbol?.choice?.type !== 'tristate' || symbol.type === 'tristate') return false;
  return enclosingChoice(parent) === symbol.choice;
}
