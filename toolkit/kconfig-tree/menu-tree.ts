import type { Expression, Operand } from './expression.ts';

/** A line of a Kconfig file; the file's path is relative to the tree. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export type SymbolType = 'bool' | 'tristate' | 'string' | 'int' | 'hex' | 'unknown';

/** One condition on an entry and what lies below it, with the line that states it. */
export interface Condition {
  readonly expression: Expression;
  readonly place: Place;
  readonly keyword: 'depends on' | 'if' | 'visible if';
}

/** An entry of the menu tree: a symbol's definition, a choice, or what only groups others. */
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

/** A line of a symbol or choice that counts only under a condition, beside those of the entry it stands in. */
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

/** A symbol and all that the Kconfig files say of it, wherever they do. */
export interface KconfigSymbol {
  /** Without `CONFIG_`. */
  readonly name: string;
  type: SymbolType;
  /** Its definitions; none when it is only named in expressions. */
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
  /** What `option env="NAME"` of old trees took from outside, or nothing for `option defconfig_list`; never written. */
  environment: string | undefined;
  /** `option allnoconfig_y`: set even by allnoconfig. */
  onInAllnoconfig: boolean;
  /** `transitional`: read from an old .config for the defaults of others, never written. */
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

/** Something in the Kconfig files that could not be read; the rest could. */
export interface ReadProblem {
  readonly place: Place;
  readonly message: string;
}

/** Everything that the Kconfig files of a tree define. */
export interface KconfigTree {
  /** By name without `CONFIG_`, also those that are only named and never defined. */
  readonly symbols: ReadonlyMap<string, KconfigSymbol>;
  readonly choices: readonly Choice[];
  /** The symbol with `modules`: without it =m means =y. */
  readonly modules: KconfigSymbol | undefined;
  readonly problems: readonly ReadProblem[];
  /** How many files were read. */
  readonly fileCount: number;
}
