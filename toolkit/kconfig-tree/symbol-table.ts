import type { ConfDialect } from './conf-dialects.ts';
import { partsOf } from './expression.ts';
import type { Choice, KconfigSymbol, MenuNode } from './menu-tree.ts';

/** Symbols and named choices by name, made when they are first named. */
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

  /** A choice without a name is a new one each time; a named one can be continued elsewhere. */
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
 * Decides who is a member of a choice, and of which type: members that say none have that of their choice, and a choice
 * without one has its first member's.
 */
export function settleChoices(choices: readonly Choice[], dialect: ConfDialect): void {
  for (const choice of choices) {
    if (dialect.choices === 'last') dropDependents(choice);
    if (choice.type === 'unknown')
      choice.type = choice.members.find(({ type }) => type !== 'unknown')?.type ?? 'bool';
    for (const member of choice.members) if (member.type === 'unknown') member.type = choice.type;
  }
}

/** A symbol behind a member that depends on that member is shown below it (`menu_finalize`, "Automatic submenu creation"). */
function dropDependents(choice: Choice): void {
  const [...all] = choice.members;
  let top: KconfigSymbol | undefined;
  for (const member of all) {
    if (top !== undefined && dependsOn(member, top, choice)) {
      choice.members.splice(choice.members.indexOf(member), 1);
      member.choice = undefined;
    } else top = member;
  }
}

function dependsOn(symbol: KconfigSymbol, on: KconfigSymbol, within: Choice): boolean {
  let node: MenuNode | undefined = symbol.nodes.find((one) => enclosingChoice(one.parent) === within);
  for (; node !== undefined && node.choice === undefined; node = node.parent) {
    const parts = node.conditions.flatMap(({ expression }) => partsOf(expression, 'and'));
    if (parts.some((part) => part.kind === 'symbol' && part.symbol === on)) return true;
  }
  return false;
}

/** `if` inside a choice only adds a condition to the members in it. */
export function enclosingChoice(parent: MenuNode | undefined): Choice | undefined {
  let node = parent;
  while (node?.kind === 'if') node = node.parent;
  return node?.choice;
}
