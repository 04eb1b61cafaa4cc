import { ChoiceValues } from './choice-values.ts';
import { compareOperands } from './compare-operands.ts';
import type { ConfDialect } from './conf-dialects.ts';
import { isValidText, keptInRange } from './text-values.ts';
import { highest, higher, lower, tristateOf, type Tristate } from './expression.ts';
import type { Expression } from './menu-tree.ts';
import type { Operand } from './menu-tree.ts';
import { isBoolInTristateChoice } from './symbol-table.ts';
import type { Choice, DefaultValue, KconfigSymbol, KconfigTree, MenuNode, Selection } from './menu-tree.ts';

/** The inputs of values that no Kconfig file decides. */
export interface ValueOptions {
  /**
   * The requests, by name without `CONFIG_`, in their order: `y`, `m`, `n`, a number, or a text
   * without its quotes.
   */
  readonly requested: ReadonlyMap<string, string>;
  /** The value of a symbol without a request: n as with allnoconfig, or its default as with alldefconfig. */
  readonly unset: 'n' | 'default';
  readonly dialect: ConfDialect;
  /** Final values by name: with them, only what depends on them is computed. */
  readonly final?: ReadonlyMap<string, string>;
}

/** No kernel has chains of more than thirty symbols; beyond this depth a symbol counts as n, as in a loop. */
const MAX_DEPTH = 150;

interface State {
  tristate: Tristate;
  text: string;
  /** Whether the symbol is in the .config at all. */
  written: boolean;
}

/**
 * Computes values as scripts/kconfig/symbol.c does (`sym_calc_value`, `sym_calc_visibility`, `sym_calc_choice`).
 * It is for explanations and predictions; a build always uses the result of the tree's own conf.
 */
export class SymbolValues {
  readonly tree: KconfigTree;
  readonly #options: ValueOptions;
  readonly #states = new Map<KconfigSymbol, State>();
  readonly #nodes = new Map<MenuNode, Tristate>();
  readonly #choices: ChoiceValues;
  /** How many symbols are being computed, each for the one before. */
  #depth = 0;

  constructor(tree: KconfigTree, options: ValueOptions) {
    this.tree = tree;
    this.#options = options;
    this.#choices = new ChoiceValues(options, {
      modules: () => this.#modules(),
      node: (node) => this.node(node),
      condition: (condition) => this.condition(condition),
      prompt: ({ node, condition }) => this.#prompt(node, condition),
      visibility: (symbol) => this.visibility(symbol),
      asked: (symbol) => this.#asked(symbol),
    });
  }

  /** Returns the value in an expression. */
  tristate(symbol: KconfigSymbol): Tristate {
    return this.#state(symbol).tristate;
  }

  /** Returns the value as a text: `y`, `64`, `0x10`, or a string's contents. A name that nothing defines stands for itself. */
  text(symbol: KconfigSymbol): string {
    const state = this.#state(symbol);
    if (symbol.type === 'bool' || symbol.type === 'tristate') {
      return state.tristate === 2 ? 'y' : state.tristate === 1 && this.#modules() > 0 ? 'm' : 'n';
    }
    return state.text;
  }

  /** Whether conf writes a line for the symbol. */
  written(symbol: KconfigSymbol): boolean {
    return this.#state(symbol).written;
  }

  /** The highest value that a prompt lets the user set: n when no prompt is visible. */
  visibility(symbol: KconfigSymbol): Tristate {
    let highest: Tristate = 0;
    for (const prompt of symbol.prompts) {
      let visible = this.#prompt(prompt.node, prompt.condition);
      const inWholeChoice = symbol.choice !== undefined && symbol.type === 'tristate';
      if (inWholeChoice && visible === 1 && this.#choices.tristate(symbol.choice) === 2) visible = 0;
      highest = higher(highest, visible);
    }
    return highest === 1 && (symbol.type !== 'tristate' || this.#modules() === 0) ? 2 : highest;
  }

  /** `depends on`, with all menus and ifs around; the highest of its definitions. */
  dependency(symbol: KconfigSymbol): Tristate {
    // If several definitions differ, one without any condition does not count (`expr_alloc_or` with NULL).
    const nodes = symbol.nodes.filter(hasConditions);
    if (nodes.length === 0) return 2;
    return this.#whole(
      symbol,
      highest(nodes, (node) => this.node(node)),
    );
  }

  /** The lower limit that the `select`s of other symbols set. */
  selected(symbol: KconfigSymbol): Tristate {
    return this.#whole(
      symbol,
      highest(symbol.selectedBy, (selection) => this.selection(selection)),
    );
  }

  implied(symbol: KconfigSymbol): Tristate {
    return this.#whole(
      symbol,
      highest(symbol.impliedBy, (selection) => this.selection(selection)),
    );
  }

  /** Returns the value that a select or imply asks for now. */
  selection({ by, node, condition }: Selection): Tristate {
    return lower(this.tristate(by), lower(this.node(node), this.condition(condition)));
  }

  /** Returns the first default whose condition holds. */
  activeDefault(of: KconfigSymbol | Choice): DefaultValue | undefined {
    return of.defaults.find(({ node, condition }) => lower(this.node(node), this.condition(condition)) > 0);
  }

  /** Whether an entry can be reached: its own conditions and those of everything around it. */
  node(start: MenuNode): Tristate {
    const path: MenuNode[] = [];
    let value: Tristate = 2;
    for (let node: MenuNode | undefined = start; node !== undefined; node = node.parent) {
      const known = this.#nodes.get(node);
      if (known !== undefined) {
        value = known;
        break;
      }
      path.push(node);
      if (node.parent?.kind === 'choice' && this.#options.dialect.choices === 'last') {
        value = this.#choices.tristate(node.parent.choice);
        break;
      }
    }
    for (const node of path.reverse()) {
      if (value === 1 && isBoolInTristateChoice(node)) value = 0;
      for (const { expression } of node.conditions) value = lower(value, this.condition(expression));
      // While values are computed, a node can be visited in the middle of a loop, when its value is not final.
      if (this.#options.final !== undefined) this.#nodes.set(node, value);
    }
    return value;
  }

  /** Returns the value of a condition; a bare `m` means m only when there are modules. */
  condition(expression: Expression | undefined): Tristate {
    if (expression === undefined) return 2;
    return this.evaluate(expression, true);
  }

  evaluate(expression: Expression, asCondition = false): Tristate {
    switch (expression.kind) {
      case 'symbol':
        return this.tristate(expression.symbol);
      case 'constant':
      case 'macro': {
        const value = this.#operandTristate(expression);
        return asCondition && value === 1 ? lower(1, this.#modules()) : value;
      }
      case 'not':
        return (2 - this.evaluate(expression.operand, asCondition)) as Tristate;
      case 'and': {
        const left = this.evaluate(expression.left, asCondition);
        return left === 0 ? 0 : lower(left, this.evaluate(expression.right, asCondition));
      }
      case 'or': {
        const left = this.evaluate(expression.left, asCondition);
        return left === 2 ? 2 : higher(left, this.evaluate(expression.right, asCondition));
      }
      case 'compare':
        return compareOperands(expression, (operand) => this.operandText(operand)) ? 2 : 0;
    }
  }

  /** Returns an operand as a text, with its type if it has one. */
  operandText(operand: Operand): { text: string; type: KconfigSymbol['type'] } {
    const symbol = this.#symbolOf(operand);
    if (symbol !== undefined) return { text: this.text(symbol), type: symbol.type };
    const text = operand.kind === 'constant' ? operand.text : this.#macroText(operand);
    return { text, type: /^[ymn]$/.test(text) ? 'tristate' : 'unknown' };
  }

  #operandTristate(operand: Operand): Tristate {
    const symbol = this.#symbolOf(operand);
    return symbol === undefined ? tristateOf(this.operandText(operand).text) : this.tristate(symbol);
  }

  /** An unquoted macro can expand to the name of a symbol. */
  #symbolOf(operand: Operand): KconfigSymbol | undefined {
    if (operand.kind === 'symbol') return operand.symbol;
    if (operand.kind !== 'macro' || operand.quoted) return undefined;
    return this.tree.symbols.get(this.#macroText(operand));
  }

  #macroText(operand: Operand): string {
    return operand.kind === 'macro' ? operand.macro.expand() : '';
  }

  #modules(): Tristate {
    const { modules } = this.tree;
    return modules === undefined ? 0 : this.tristate(modules);
  }

  /** Without modules, and for everything that is not a tristate, m counts as y. */
  #whole(symbol: KconfigSymbol, value: Tristate): Tristate {
    return value === 1 && this.#isBool(symbol) ? 2 : value;
  }

  #isBool(symbol: KconfigSymbol): boolean {
    return symbol.type === 'bool' || (symbol.type === 'tristate' && this.#modules() === 0);
  }

  #prompt(node: MenuNode, condition: Expression | undefined): Tristate {
    let value = lower(this.node(node), this.condition(condition));
    for (let menu = node.parent; menu !== undefined && value > 0; menu = menu.parent) {
      for (const { expression } of menu.visibleIf) value = lower(value, this.condition(expression));
    }
    return value;
  }

  #state(symbol: KconfigSymbol): State {
    const known = this.#states.get(symbol);
    if (known !== undefined) return known;
    // A request for this symbol while it is computed gets this state, as with conf.
    const state: State = { tristate: 0, text: '', written: false };
    this.#states.set(symbol, state);
    if (this.#depth >= MAX_DEPTH) return state;
    this.#depth++;
    const final = this.#options.final;
    if (final !== undefined) this.#readFinal(symbol, final, state);
    else this.#compute(symbol, state);
    this.#depth--;
    return state;
  }

  #readFinal(symbol: KconfigSymbol, final: ReadonlyMap<string, string>, state: State): void {
    const value = final.get(symbol.name);
    state.written = value !== undefined;
    if (symbol.environment !== undefined) this.#compute(symbol, state);
    else if (symbol.type === 'bool' || symbol.type === 'tristate') state.tristate = tristateOf(value ?? 'n');
    else state.text = value ?? (symbol.nodes.length === 0 ? symbol.name : '');
  }

  /** Returns the value that conf would compute for the symbol, given the values of the others. */
  predict(symbol: KconfigSymbol): State {
    const state: State = { tristate: 0, text: '', written: false };
    this.#compute(symbol, state);
    return state;
  }

  #compute(symbol: KconfigSymbol, state: State): void {
    if (symbol.environment !== undefined) {
      state.text = symbol.environment;
      state.tristate = tristateOf(symbol.environment);
      return;
    }
    switch (symbol.type) {
      case 'bool':
      case 'tristate':
        this.#computeTristate(symbol, state);
        break;
      case 'unknown':
        state.text = symbol.name;
        break;
      default:
        this.#computeText(symbol, state);
    }
    if (this.#options.dialect.writes === 'all' && symbol.type !== 'unknown') state.written = true;
    if (symbol.transitional) state.written = false;
  }

  #computeTristate(symbol: KconfigSymbol, state: State): void {
    const visible = this.visibility(symbol);
    const whole = this.#options.dialect.writes !== 'set';
    if (visible > 0 || (whole && this.#isShown(symbol.choice))) state.written = true;
    const inChoice = visible === 2 || this.#options.dialect.choices === 'ranked';
    if (symbol.choice !== undefined && inChoice) {
      state.tristate = this.#choices.member(symbol.choice) === symbol ? 2 : 0;
      return;
    }
    const selected = this.selected(symbol);
    if (selected > 0) state.written = true;
    const asked = visible > 0 || symbol.transitional ? this.#asked(symbol) : undefined;
    let value: Tristate;
    if (asked !== undefined) value = symbol.transitional ? asked : lower(asked, visible);
    else {
      const active = this.activeDefault(symbol);
      value = active === undefined ? 0 : lower(this.evaluate(active.value), this.#defaultVisible(active));
      const implied = this.implied(symbol);
      if (value > 0 || implied > 0 || (whole && active !== undefined)) state.written = true;
      if (implied > 0) value = lower(higher(value, implied), this.dependency(symbol));
    }
    state.tristate = this.#whole(symbol, higher(value, selected));
  }

  #isShown(choice: Choice | undefined): boolean {
    return choice?.prompts.some(({ node, condition }) => this.#prompt(node, condition) > 0) === true;
  }

  #defaultVisible({ node, condition }: DefaultValue): Tristate {
    return lower(this.node(node), this.condition(condition));
  }

  #computeText(symbol: KconfigSymbol, state: State): void {
    const visible = this.visibility(symbol);
    if (visible > 0) state.written = true;
    const asked = this.#options.requested.get(symbol.name);
    if ((visible > 0 || symbol.transitional) && asked !== undefined && isValidText(symbol, asked))
      state.text = asked;
    else {
      const value = this.activeDefault(symbol)?.value;
      if (value !== undefined && isOperand(value)) {
        state.written = true;
        state.text = this.operandText(value).text;
      }
    }
    if (symbol.type === 'int' && state.text === '' && this.#options.dialect.writes === 'all')
      state.text = '0';
    if (state.text === '' && this.#options.dialect.numbers === 'zero')
      state.text = symbol.type === 'int' ? '0' : symbol.type === 'hex' ? '0x0' : '';
    this.#keepInRange(symbol, state);
  }

  #keepInRange(symbol: KconfigSymbol, state: State): void {
    if (symbol.ranges.length === 0) return;
    const range = symbol.ranges.find(({ node, condition }) =>
      lower(this.node(node), this.condition(condition)),
    );
    if (range === undefined) return;
    const [low, high] = [range.low, range.high].map((bound) => this.operandText(bound).text);
    state.text = keptInRange(symbol.type, state.text, low ?? '', high ?? '');
  }

  /** Returns the requested value of a bool or tristate; conf ignores values that its type does not have. */
  #asked(symbol: KconfigSymbol): Tristate | undefined {
    const value = this.#options.requested.get(symbol.name);
    const known = symbol.type === 'bool' ? /^[yn]$/ : /^[ymn]$/;
    if (value !== undefined && known.test(value)) return tristateOf(value);
    if (this.#options.unset === 'default') return undefined;
    return symbol.onInAllnoconfig ? 2 : 0;
  }
}

function hasConditions(start: MenuNode): boolean {
  for (let node: MenuNode | undefined = start; node !== undefined; node = node.parent)
    if (node.conditions.length > 0 || node.choice !== undefined) return true;
  return false;
}

function isOperand(expression: Expression): expression is Operand {
  return expression.kind === 'symbol' || expression.kind === 'constant' || expression.kind === 'macro';
}
