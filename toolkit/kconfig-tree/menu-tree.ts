/** A line of a Kconfig file; the file's path is relative to the tree. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export type SymbolType = 'bool' | 'tristate' | 'string' | 'int' | 'hex' | 'unknown';

/** One condition on an entry and everything below it, with the line that states it. */
export interface Condition {
  readonly expression: Expression;
  readonly place: Place;
  readonly keyword: 'depends on' | 'if' | 'visible if';
}

/** An entry of the menu tree: a symbol's definition, a choice, or a group of other entries. */
export interface MenuNode {
  readonly kind: 'root' | 'menu' | 'if' | 'choice' | 'symbol' | 'comment';
  readonly parent: MenuNode | undefined;
  readonly place: Place;
  /** For `kind: 'symbol'`. */
  readonly symbol?: KconfigSymbol;
  /** For `kind: 'choice'`. */
  readonly choice?: Choice;
  /** The text of a menu or comment; symbols and choices have theirs in `prompts`. */
  readonly title?: string;
  /** `depends on` of this entry, or the condition of an `if`. */
  readonly conditions: Condition[];
  /** `visible if` of a menu. */
  readonly visibleIf: Condition[];
}

/** A line of a symbol or choice with its own condition, in addition to those of its entry. */
interface Conditional {
  readonly node: MenuNode;
  readonly place: Place;
  readonly condition: Expression | undefined;
}

export interface Prompt extends Conditional {
  readonly text: string;
}

export interface DefaultValue extends Conditional {
  readonly value: Expression;
}

export interface Range extends Conditional {
  readonly low: Operand;
  readonly high: Operand;
}

/** `select` or `imply`. */
export interface Selection extends Conditional {
  readonly by: KconfigSymbol;
  readonly target: KconfigSymbol;
}

/** A symbol and everything about it in the Kconfig files. */
export interface KconfigSymbol {
  /** Without `CONFIG_`. */
  readonly name: string;
  type: SymbolType;
  /** Its definitions; empty when only expressions name it. */
  readonly nodes: MenuNode[];
  readonly prompts: Prompt[];
  readonly defaults: DefaultValue[];
  readonly ranges: Range[];
  readonly selects: Selection[];
  readonly implies: Selection[];
  readonly selectedBy: Selection[];
  readonly impliedBy: Selection[];
  /** The choice it is a member of. */
  choice: Choice | undefined;
  /** The value of `option env="NAME"` in old trees, or empty for `option defconfig_list`; never written. */
  environment: string | undefined;
  /** `option allnoconfig_y`: set even by allnoconfig. */
  onInAllnoconfig: boolean;
  /** `transitional`: read from an old .config for the defaults of other symbols, never written. */
  transitional: boolean;
}

/** `choice`: one of its members is y, unless it is optional. */
export interface Choice {
  readonly name: string | undefined;
  type: SymbolType;
  readonly nodes: MenuNode[];
  readonly prompts: Prompt[];
  readonly defaults: DefaultValue[];
  readonly members: KconfigSymbol[];
  optional: boolean;
}

/** A part of the Kconfig files that could not be read; the rest could. */
export interface ReadProblem {
  readonly place: Place;
  readonly message: string;
}

/** Everything that the Kconfig files of a tree define. */
export interface KconfigTree {
  /** By name without `CONFIG_`, including those that are only named and never defined. */
  readonly symbols: ReadonlyMap<string, KconfigSymbol>;
  readonly choices: readonly Choice[];
  /** The symbol with `modules`: without it, =m means =y. */
  readonly modules: KconfigSymbol | undefined;
  readonly problems: readonly ReadProblem[];
  /** How many files were read. */
  readonly fileCount: number;
}

/** Either side of a comparison. */
export type Operand =
  | { readonly kind: 'symbol'; readonly symbol: KconfigSymbol }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'macro'; readonly macro: MacroText; readonly quoted: boolean };

/** An expression of the Kconfig language (Documentation/kbuild/kconfig-language.rst, "Menu dependencies"). */
export type Expression =
  | Operand
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A word of an expression whose text depends on a command of the tree: `$(cc-option,-foo)`. */
export interface MacroText {
  /** As written in the file. */
  readonly source: string;
  /** Runs the necessary commands, once. */
  readonly expand: () => string;
}
