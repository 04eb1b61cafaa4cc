import type { RandomNumbers } from './random-numbers.ts';

/** A Kconfig tree made up by chance, and a configuration that asks for some of its symbols. */
export interface RandomKconfig {
  readonly kconfig: string;
  /** Lines of a .config, in the order in which they ask. */
  readonly requests: string;
}

/** Features of the conf that will read the tree. */
export interface RandomOptions {
  /**
   * Before Linux 6.11 choices can be tristate or optional. conf of 6.12 and 7.1 misreads `BOOL != y`, or crashes
   * (`expr_transform` gives a symbol where an expression belongs).
   */
  readonly old: boolean;
  /** `option modules` before Linux 5.14, now `modules`. */
  readonly modules: string;
}

type Type = 'bool' | 'tristate' | 'int' | 'hex' | 'string';

interface Made {
  readonly name: string;
  readonly type: Type;
}

/**
 * Makes trees without loops: whatever a symbol's value depends on comes before it, and what it selects or implies
 * behind it.
 */
export function randomKconfig(random: RandomNumbers, options: RandomOptions): RandomKconfig {
  return new Maker(random, options).make();
}

/** How many entries a tree has at most; more finds no more, and the smallest example is to be read. */
const MAX_ENTRIES = 14;

class Maker {
  readonly #random: RandomNumbers;
  readonly #options: RandomOptions;
  readonly #lines: string[] = [];
  readonly #made: Made[] = [];
  #count = 0;
  /** Names that were selected before they were defined; each of them is defined at the end at the latest. */
  readonly #wanted: string[] = [];

  constructor(random: RandomNumbers, options: RandomOptions) {
    this.#random = random;
    this.#options = options;
  }

  make(): RandomKconfig {
    this.#lines.push('mainmenu "made up"');
    if (this.#random.chance(0.8)) this.#modules();
    const entries = 3 + this.#random.below(MAX_ENTRIES - 2);
    this.#block(entries, 0);
    for (let name = this.#wanted.shift(); name !== undefined; name = this.#wanted.shift()) this.#symbol(name);
    return { kconfig: `${this.#lines.join('\n')}\n`, requests: this.#requests() };
  }

  #modules(): void {
    const prompt = this.#random.chance(0.7) ? ' "loadable modules"' : '';
    this.#lines.push('', 'config MODULES', `\tbool${prompt}`);
    if (this.#random.chance(0.7)) this.#lines.push('\tdefault y');
    this.#lines.push(`\t${this.#options.modules}`);
    this.#made.push({ name: 'MODULES', type: 'bool' });
  }

  #block(entries: number, depth: number): void {
    for (let left = entries; left > 0; left--) {
      const kind = this.#random.next();
      const inner = 1 + this.#random.below(Math.min(3, left));
      if (kind < 0.1 && depth < 3) this.#menu(inner, depth);
      else if (kind < 0.2 && depth < 3 && this.#logical().length > 0) this.#if(inner, depth);
      else if (kind < 0.35) this.#choice();
      else
        this.#symbol(this.#wanted.length > 0 && this.#random.chance(0.5) ? this.#wanted.shift() : undefined);
    }
  }

  #menu(entries: number, depth: number): void {
    this.#lines.push('', `menu "menu ${this.#count++}"`);
    if (this.#random.chance(0.4)) this.#add('depends on', this.#expression());
    if (this.#random.chance(0.4)) this.#add('visible if', this.#expression());
    this.#block(entries, depth + 1);
    this.#lines.push('', 'endmenu');
  }

  #if(entries: number, depth: number): void {
    this.#lines.push('', `if ${this.#expression()}`);
    this.#block(entries, depth + 1);
    this.#lines.push('', 'endif');
  }

  #choice(): void {
    const old = this.#options.old;
    const type = this.#random.chance(0.6) || !old ? 'bool' : 'tristate';
    this.#lines.push('', 'choice', `\tprompt "choice ${this.#count++}"${this.#condition(0.2)}`);
    if (type === 'tristate') this.#lines.push('\ttristate');
    else if (old && this.#random.chance(0.5)) this.#lines.push('\tbool');
    if (this.#random.chance(0.2) && old) this.#lines.push('\toptional');
    this.#dependsOn(0.3);
    const members = Array.from({ length: 1 + this.#random.below(4) }, () => `S${this.#count++}`);
    // The dependencies of the defaults must come before the choice.
    for (const member of members)
      if (this.#random.chance(0.2)) this.#lines.push(`\tdefault ${member}${this.#condition(0.5)}`);
    const before = this.#made.length;
    const inIf = this.#random.chance(0.15) && this.#logical().length > 0;
    if (inIf) this.#lines.push('', `if ${this.#expression()}`);
    for (const name of members) {
      const own: Type = this.#random.chance(0.9) || !old ? type : type === 'bool' ? 'tristate' : 'bool';
      const outside = this.#made.slice(0, before);
      this.#lines.push('', `config ${name}`, `\t${own} "${name}"${this.#condition(0.2, outside)}`);
      this.#dependsOn(0.25, outside);
      const previous =
        this.#made.length > before && this.#random.chance(0.15) ? this.#made.at(-1) : undefined;
      if (previous !== undefined)
        this.#add('depends on', previous.name + this.#random.pick(['', '', '=y', '!=n']));
      if (this.#random.chance(0.2)) this.#selects();
      this.#made.push({ name, type: own });
    }
    if (inIf) this.#lines.push('', 'endif');
    this.#lines.push('', 'endchoice');
  }

  #symbol(name = `S${this.#count++}`): void {
    const chosen = this.#random.next();
    // A selected symbol is bool or tristate.
    const logical = name.startsWith('T') || chosen < 0.85;
    const type: Type = logical
      ? this.#random.pick(['bool', 'tristate', 'tristate'])
      : this.#random.pick(['int', 'hex', 'string']);
    this.#lines.push('', `config ${name}`);
    this.#definition(name, type);
    if (this.#random.chance(0.1)) this.#again(name, type);
    this.#made.push({ name, type });
  }

  #definition(name: string, type: Type): void {
    const prompt = this.#random.chance(0.7) ? ` "${name}"${this.#condition(0.3)}` : '';
    this.#lines.push(`\t${type}${prompt}`);
    this.#dependsOn(0.4);
    if (this.#random.chance(0.2)) this.#dependsOn(0.8);
    const defaults = this.#random.below(3);
    for (let index = 0; index < defaults; index++)
      this.#lines.push(`\tdefault ${this.#value(type)}${this.#condition(0.5)}`);
    if ((type === 'int' || type === 'hex') && this.#random.chance(0.6)) this.#range(type);
    if ((type === 'bool' || type === 'tristate') && this.#random.chance(0.35)) this.#selects();
  }

  /** A second definition, perhaps under other conditions. */
  #again(name: string, type: Type): void {
    const inIf = this.#random.chance(0.5);
    if (inIf) this.#lines.push('', `if ${this.#expression()}`);
    this.#lines.push('', `config ${name}`);
    this.#definition(name, type);
    if (inIf) this.#lines.push('', 'endif');
  }

  #selects(): void {
    const keyword = this.#random.pick(['select', 'select', 'imply']);
    const name =
      this.#wanted.length > 0 && this.#random.chance(0.5)
        ? this.#random.pick(this.#wanted)
        : `T${this.#count++}`;
    if (!this.#wanted.includes(name)) this.#wanted.push(name);
    this.#lines.push(`\t${keyword} ${name}${this.#condition(0.3)}`);
  }

  #range(type: Type): void {
    const bounds = [this.#random.below(20), this.#random.below(40)].sort((a, b) => a - b);
    const [low, high] = bounds.map((bound) => (type === 'hex' ? `0x${bound.toString(16)}` : String(bound)));
    this.#lines.push(`\trange ${low ?? ''} ${high ?? ''}${this.#condition(0.4)}`);
  }

  #dependsOn(share: number, among: readonly Made[] = this.#made): void {
    if (this.#random.chance(share)) this.#add('depends on', this.#expression(among));
  }

  #add(keyword: string, expression: string): void {
    this.#lines.push(`\t${keyword} ${expression}`);
  }

  #condition(share: number, among: readonly Made[] = this.#made): string {
    return this.#random.chance(share) ? ` if ${this.#expression(among)}` : '';
  }

  #logical(among: readonly Made[] = this.#made): Made[] {
    return among.filter(({ type }) => type === 'bool' || type === 'tristate');
  }

  #expression(among: readonly Made[] = this.#made, depth = 0): string {
    const kind = this.#random.next();
    const deeper = (): string => this.#expression(among, depth + 1);
    if (depth < 3 && kind < 0.15) return `${deeper()} && ${deeper()}`;
    if (depth < 3 && kind < 0.3) return `(${deeper()} || ${deeper()})`;
    if (depth < 3 && kind < 0.4) return `!(${deeper()})`;
    const symbols = this.#logical(among);
    if (symbols.length === 0 || kind < 0.46) return this.#random.pick(['y', 'm', 'n', 'y', 'UNDEFINED']);
    if (kind > 0.94) return this.#numberComparison(among) ?? this.#random.pick(symbols).name;
    if (kind > 0.8) {
      const other = this.#random.chance(0.6)
        ? this.#random.pick(this.#options.old ? ['y', 'm', 'n', '"y"'] : ['m', 'n'])
        : this.#random.pick(symbols).name;
      return `${this.#random.pick(symbols).name} ${this.#random.pick(['=', '!=', '<', '>='])} ${other}`;
    }
    return `${this.#random.chance(0.2) ? '!' : ''}${this.#random.pick(symbols).name}`;
  }

  #numberComparison(among: readonly Made[]): string | undefined {
    const numbers = among.filter(({ type }) => type !== 'bool' && type !== 'tristate');
    if (numbers.length === 0) return undefined;
    const { name, type } = this.#random.pick(numbers);
    const operator = this.#random.pick(['=', '!=', '<', '<=', '>', '>=']);
    const other = this.#random.chance(0.7) ? this.#value(type) : this.#random.pick(numbers).name;
    return `${name} ${operator} ${other}`;
  }

  #value(type: Type): string {
    switch (type) {
      case 'bool':
      case 'tristate':
        return this.#random.chance(0.6) ? this.#random.pick(['y', 'm', 'n', 'y']) : this.#expression();
      case 'int':
        return String(this.#random.below(40));
      case 'hex':
        return `0x${this.#random.below(40).toString(16)}`;
      case 'string':
        return `"${this.#random.pick(['', 'a', 'text', '10', 'y'])}"`;
    }
  }

  #requests(): string {
    const lines: string[] = [];
    const asked = this.#made.filter(() => this.#random.chance(0.5));
    // Not in the order of the tree: the last one counts in a choice.
    for (const { name, type } of asked.sort(() => this.#random.next() - 0.5)) {
      if (type === 'bool' || type === 'tristate') {
        const value = this.#random.pick(['y', 'y', 'm', 'n']);
        lines.push(value === 'n' ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${value}`);
      } else lines.push(`CONFIG_${name}=${this.#value(type)}`);
    }
    return lines.map((line) => `${line}\n`).join('');
  }
}
