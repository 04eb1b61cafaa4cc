import type { MacroText } from './menu-tree.ts';
import type { Comparison } from './menu-tree.ts';
import type { Expression } from './menu-tree.ts';
import type { Operand } from './menu-tree.ts';
import type { KconfigSymbol } from './menu-tree.ts';
import type { Token } from './tokens.ts';

/** The functions that the expression parser needs. */
export interface ExpressionContext {
  /** Returns the symbol of a name; creates it if it is new. */
  readonly symbol: (name: string) => KconfigSymbol;
  /** Returns the text of a token: as it is, or a macro that waits for a command. */
  readonly text: (token: Token) => string | MacroText;
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

/** More operators and brackets than any sane expression has, and few enough to recurse without running out of stack. */
const MAX_OPERATORS = 500;

/** Reads tokens from a position; every `take…` advances it. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #context: ExpressionContext;
  #next: number;
  #operators = 0;

  constructor(tokens: readonly Token[], context: ExpressionContext, start = 0) {
    this.#tokens = tokens;
    this.#context = context;
    this.#next = start;
  }

  /** Returns the next token, or undefined at the end of the line. */
  peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  /** Takes the next word if it is this one. */
  takeWord(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'word' || token.text !== word) return false;
    this.#next++;
    return true;
  }

  /** `if EXPRESSION`, or nothing. */
  takeCondition(): Expression | undefined {
    return this.takeWord('if') ? this.takeExpression() : undefined;
  }

  /** `||` binds weakest, then `&&`, then comparisons, then `!`. Throws SyntaxError. */
  takeExpression(): Expression {
    return this.#joined('||', 'or', () => this.#joined('&&', 'and', () => this.#negation()));
  }

  /** A symbol, a constant or a macro. Throws SyntaxError. */
  takeOperand(): Operand {
    const token = this.take();
    if (token === undefined) throw new SyntaxError('a symbol is missing at the end of the line');
    if (token.kind === 'sign') throw new SyntaxError(`a symbol was expected, but found "${token.text}"`);
    return this.operandOf(token);
  }

  /** Returns what a token stands for in an expression. */
  operandOf(token: Token): Operand {
    const text = this.#context.text(token);
    if (typeof text !== 'string') return { kind: 'macro', macro: text, quoted: token.kind === 'quoted' };
    if (token.kind === 'quoted' || /^[ymn]$/.test(text)) return { kind: 'constant', text };
    // An unquoted macro can expand to nothing, which conf would not even see.
    if (text === '') return { kind: 'constant', text: '' };
    return { kind: 'symbol', symbol: this.#context.symbol(text) };
  }

  #joined(sign: string, kind: 'and' | 'or', operand: () => Expression): Expression {
    let left = operand();
    while (this.#takeSign(sign)) {
      this.#count();
      left = { kind, left, right: operand() };
    }
    return left;
  }

  #negation(): Expression {
    if (this.#takeSign('!')) {
      this.#count();
      return { kind: 'not', operand: this.#negation() };
    }
    if (this.#takeSign('(')) {
      this.#count();
      const inner = this.takeExpression();
      if (!this.#takeSign(')')) throw new SyntaxError('")" is missing');
      return inner;
    }
    const left = this.takeOperand();
    const sign = this.peek();
    if (sign?.kind !== 'sign' || !COMPARISONS.has(sign.text)) return left;
    this.#next++;
    return { kind: 'compare', operator: sign.text as Comparison, left, right: this.takeOperand() };
  }

  #count(): void {
    if (++this.#operators > MAX_OPERATORS)
      throw new SyntaxError(`an expression of more than ${MAX_OPERATORS} operators`);
  }

  #takeSign(text: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'sign' || token.text !== text) return false;
    this.#next++;
    return true;
  }
}
