import type { Operand } from './menu-tree.ts';
import type { Choice, KconfigSymbol, MenuNode, Place, SymbolType } from './menu-tree.ts';
import type { TokenReader } from './parse-expression.ts';
import type { SymbolTable } from './symbol-table.ts';

/** A line below `config`, `choice`, `menu` or `comment`, and the entry it belongs to. */
export interface OptionLine {
  readonly node: MenuNode;
  readonly place: Place;
  readonly tokens: TokenReader;
  readonly table: SymbolTable;
  readonly environment: Readonly<Record<string, string>>;
  /** Returns the text of a token with its macros expanded. */
  readonly textOf: (token: { readonly text: string }) => string;
}

/** Reads one option line. Throws SyntaxError when it is not one. */
type OptionReader = (line: OptionLine) => void;

const typeLine =
  (type: SymbolType): OptionReader =>
  (line) => {
    setType(line, type);
    if (line.tokens.peek() !== undefined) addPrompt(line);
  };

const defaultLine =
  (type?: SymbolType): OptionReader =>
  (line) => {
    if (type !== undefined) setType(line, type);
    const value = line.tokens.takeExpression();
    const entry = { node: line.node, place: line.place, value, condition: line.tokens.takeCondition() };
    owner(line).defaults.push(entry);
  };

const dependsLine: OptionReader = ({ node, place, tokens }) => {
  // "depends FOO" is the form in trees before 2.6.15.
  tokens.takeWord('on');
  const wanted = tokens.takeExpression();
  // Since Linux 7.0 a dependency can have a condition.
  const condition = tokens.takeCondition();
  node.conditions.push({
    expression:
      condition === undefined
        ? wanted
        : { kind: 'or', left: wanted, right: { kind: 'not', operand: condition } },
    place,
    keyword: 'depends on',
  });
};

const selectLine =
  (kind: 'select' | 'imply'): OptionReader =>
  ({ node, place, tokens }) => {
    const by = symbolOf(node, kind);
    const operand = tokens.takeOperand();
    const target = targetOf(operand, kind);
    const selection = { by, target, node, place, condition: tokens.takeCondition() };
    if (kind === 'select') {
      by.selects.push(selection);
      target.selectedBy.push(selection);
    } else {
      by.implies.push(selection);
      target.impliedBy.push(selection);
    }
  };

/** Every option of an entry by its first word: those of current Linux, and the spellings of older trees. */
export const optionReaders: Readonly<Record<string, OptionReader>> = {
  bool: typeLine('bool'),
  boolean: typeLine('bool'),
  tristate: typeLine('tristate'),
  string: typeLine('string'),
  int: typeLine('int'),
  integer: typeLine('int'),
  hex: typeLine('hex'),
  def_bool: defaultLine('bool'),
  def_boolean: defaultLine('bool'),
  def_tristate: defaultLine('tristate'),
  default: defaultLine(),
  prompt: addPrompt,
  depends: dependsLine,
  requires: dependsLine,
  select: selectLine('select'),
  enable: selectLine('select'),
  imply: selectLine('imply'),
  range: ({ node, place, tokens }) => {
    const low = tokens.takeOperand();
    const high = tokens.takeOperand();
    symbolOf(node, 'range').ranges.push({ node, place, low, high, condition: tokens.takeCondition() });
  },
  visible: ({ node, place, tokens }) => {
    const expression = tokens.takeCondition();
    if (expression === undefined) throw new SyntaxError('"visible" takes "if" and an expression');
    node.visibleIf.push({ expression, place, keyword: 'visible if' });
  },
  optional: ({ node }) => {
    if (node.choice === undefined) throw new SyntaxError('"optional" belongs to a choice');
    node.choice.optional = true;
  },
  modules: ({ node, table }) => {
    table.modules = symbolOf(node, 'modules');
  },
  transitional: ({ node }) => {
    symbolOf(node, 'transitional').transitional = true;
  },
  option: readOldOption,
};

/** `option modules`, `option env="NAME"`, `option allnoconfig_y`, `option defconfig_list` of older trees. */
function readOldOption({ node, tokens, table, environment }: OptionLine): void {
  const symbol = symbolOf(node, 'option');
  const name = tokens.take()?.text;
  if (name === 'modules') table.modules = symbol;
  else if (name === 'allnoconfig_y') symbol.onInAllnoconfig = true;
  else if (name === 'env') {
    tokens.take();
    symbol.environment = environment[tokens.take()?.text ?? ''] ?? '';
  } else if (name === 'defconfig_list') symbol.environment = '';
  else throw new SyntaxError(`there is no option "${name ?? ''}"`);
}

function addPrompt(line: OptionLine): void {
  const token = line.tokens.take();
  if (token === undefined || token.kind === 'sign') throw new SyntaxError('a prompt is a text in quotes');
  owner(line).prompts.push({
    text: line.textOf(token).trim(),
    node: line.node,
    place: line.place,
    condition: line.tokens.takeCondition(),
  });
}

function owner({ node }: OptionLine): KconfigSymbol | Choice {
  const found = node.symbol ?? node.choice;
  if (found === undefined) throw new SyntaxError(`this belongs to a symbol, not to a ${node.kind}`);
  return found;
}

function setType(line: OptionLine, type: SymbolType): void {
  const found = owner(line);
  // The first one counts; conf warns of a second.
  if (found.type === 'unknown') found.type = type;
}

function symbolOf(node: MenuNode, word: string): KconfigSymbol {
  if (node.symbol === undefined)
    throw new SyntaxError(`"${word}" belongs to a symbol, not to a ${node.kind}`);
  return node.symbol;
}

function targetOf(operand: Operand, word: string): KconfigSymbol {
  if (operand.kind === 'symbol') return operand.symbol;
  throw new SyntaxError(`"${word}" takes the name of a symbol`);
}
