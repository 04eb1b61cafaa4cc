import { statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { MAX_TEXT_BYTES, readUserFile, refusalOf } from '../host/read-user-file.ts';
import type { ConfDialect } from './conf-dialects.ts';
import { optionReaders } from './entry-options.ts';
import type { MacroText } from './menu-tree.ts';
import { LogicalLines } from './logical-lines.ts';
import { MacroReader, type MacroEnvironment } from './macros.ts';
import type { KconfigTree, MenuNode, Place, ReadProblem } from './menu-tree.ts';
import { TokenReader } from './parse-expression.ts';
import { enclosingChoice, settleChoices, SymbolTable } from './symbol-table.ts';
import { tokenize, type Token } from './tokens.ts';

export interface ReadOptions extends MacroEnvironment {
  /** The directories to look for files, in order: an object directory with generated ones, then the source tree. */
  readonly roots: readonly string[];
  /** `Kconfig`, or BusyBox's `Config.in`, relative to a root. */
  readonly topFile: string;
  readonly dialect: ConfDialect;
}

/** A line of stray characters, such as a lone "." or ";": conf skips it with a warning. */
const NOTHING = /^[^\w$"'<>=!()|&-]*$/;
/** More nested sources than any tree has; a longer chain is an endless one through changing names. */
const MAX_DEPTH = 64;
/** Five times as many files as Linux 7.1 has: a file that sources itself twice under other names would never end. */
const MAX_FILES = 10_000;
/** Characters of a line with its continuations: far more than any real line has. */
const MAX_LINE = 1 << 16;
/** Nested menus, choices and ifs: more than any real tree has. */
const MAX_NESTING = 256;

/** Thrown when menus are nested too deeply: the rest of the file is left out. */
class TooDeep extends Error {}

/**
 * Reads the Kconfig files of a tree. It never throws for their contents: an unreadable line is a problem, and
 * the rest counts. Follows scripts/kconfig/lexer.l and parser.y of Linux 6.1 and 7.1, and the syntax of older trees.
 */
export function readKconfig(options: ReadOptions): KconfigTree {
  return new KconfigReader(options).read();
}

class KconfigReader {
  readonly #options: ReadOptions;
  readonly #macros: MacroReader;
  readonly #table = new SymbolTable();
  readonly #problems: ReadProblem[] = [];
  /** Files that are being read, outermost first. */
  readonly #open: string[] = [];
  #fileCount = 0;
  #tooMany = false;
  #nesting = 0;
  #parent: MenuNode;
  /** The entry that contains the current file: the file cannot close entries outside of it. */
  #fileParent: MenuNode;
  /** The entry that option lines belong to. */
  #entry: MenuNode | undefined;
  readonly #context = {
    symbol: (name: string) => this.#table.symbol(name),
    text: (token: Token) => this.#textOf(token),
  };
  #place: Place = { file: '', line: 0 };

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#macros = new MacroReader(options);
    this.#parent = this.#newNode('root', undefined);
    this.#fileParent = this.#parent;
  }

  read(): KconfigTree {
    const { topFile } = this.#options;
    this.#source(topFile, true);
    settleChoices(this.#table.choices, this.#options.dialect);
    return {
      symbols: this.#table.symbols,
      choices: this.#table.choices,
      modules: this.#table.modules,
      problems: this.#problems,
      fileCount: this.#fileCount,
    };
  }

  /** Reads a file at the place where it is sourced; false when there is none. */
  #source(name: string, required: boolean): boolean {
    const file = this.#options.roots.map((root) => join(root, name)).find(exists);
    if (file === undefined) {
      if (required) this.#problem(`cannot read ${name}: there is no such file`);
      return false;
    }
    const refusal = refusalOf(statSync(file), MAX_TEXT_BYTES.kconfig);
    if (refusal !== undefined) {
      this.#problem(`cannot read ${name}: it ${refusal}`);
      return false;
    }
    if (this.#open.includes(name) || this.#open.length > MAX_DEPTH) {
      this.#problem(`${name} is sourced from within itself`);
      return true;
    }
    if (this.#fileCount >= MAX_FILES) {
      if (!this.#tooMany)
        this.#problem(`${name} and everything after it is left out: ${MAX_FILES} files are the limit`);
      this.#tooMany = true;
      return true;
    }
    this.#open.push(name);
    this.#fileCount++;
    const outer = { place: this.#place, fileParent: this.#fileParent };
    this.#fileParent = this.#parent;
    const lines = new LogicalLines(readUserFile(file, MAX_TEXT_BYTES.kconfig).toString('utf8'));
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      this.#place = { file: name, line: line.line };
      try {
        this.#readLine(line.text, lines);
      } catch (error) {
        if (!(error instanceof TooDeep)) throw error;
        this.#problem(error.message);
        break;
      }
    }
    this.#closeAll();
    this.#place = outer.place;
    this.#fileParent = outer.fileParent;
    this.#open.pop();
    return true;
  }

  #readLine(text: string, lines: LogicalLines): void {
    if (text.length > MAX_LINE) {
      this.#problem(`a line of ${text.length} characters; ${MAX_LINE} is the limit`);
      return;
    }
    if (NOTHING.test(text)) return;
    const word = /^\s*([\w-]+)/.exec(text)?.[1];
    if (word === 'help' || word === '---help---') {
      lines.skipHelp();
      return;
    }
    try {
      const option = word === undefined ? undefined : ownProperty(optionReaders, word);
      if (option !== undefined && this.#entry !== undefined) {
        const tokens = new TokenReader(tokenize(text, this.#macros), this.#context, 1);
        const textOf = (token: { readonly text: string }): string =>
          this.#macros.expand(token.text, this.#place);
        const { environment } = this.#options;
        option({ node: this.#entry, place: this.#place, tokens, table: this.#table, environment, textOf });
        return;
      }
      const entry = word === undefined ? undefined : ownProperty(this.#entries, word);
      if (entry !== undefined) entry(text);
      else if (!this.#readAssignment(text) && !/^\s*\$\(/.test(text))
        this.#problem(`unknown statement "${word ?? text.trim()}"`);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#problem(error.message);
    }
  }

  /** Statements that begin an entry, by their first word. */
  readonly #entries: Readonly<Record<string, (text: string) => void>> = {
    config: (text) => this.#beginSymbol(text),
    menuconfig: (text) => this.#beginSymbol(text),
    choice: (text) => {
      const name = this.#tokens(text).take()?.text;
      const choice = this.#table.choice(name);
      this.#push({ kind: 'choice', choice });
      choice.nodes.push(this.#parent);
      this.#entry = this.#parent;
    },
    menu: (text) => {
      this.#push({ kind: 'menu', title: this.#title(text) });
      this.#entry = this.#parent;
    },
    comment: (text) => {
      this.#entry = this.#newNode('comment', this.#parent, { title: this.#title(text) });
    },
    if: (text) => {
      // Before the condition, so that "endif" closes it even when the condition cannot be read.
      this.#push({ kind: 'if' });
      this.#entry = undefined;
      const expression = this.#tokens(text).takeExpression();
      this.#parent.conditions.push({ expression, place: this.#place, keyword: 'if' });
    },
    endmenu: () => this.#pop('menu'),
    endchoice: () => this.#pop('choice'),
    endif: () => this.#pop('if'),
    mainmenu: () => undefined,
    mainmenu_name: () => undefined,
    source: (text) => void this.#source(this.#path(text), true),
    rsource: (text) => void this.#source(this.#relativePath(text), true),
    osource: (text) => void this.#source(this.#path(text), false),
    orsource: (text) => void this.#source(this.#relativePath(text), false),
  };

  #beginSymbol(text: string): void {
    const token = this.#tokens(text).take();
    // Without a name, the following options must not go to the entry before.
    this.#entry = undefined;
    if (token === undefined) throw new SyntaxError('"config" takes the name of a symbol');
    const symbol = this.#table.symbol(this.#macros.expand(token.text, this.#place));
    const node = this.#newNode('symbol', this.#parent, { symbol });
    symbol.nodes.push(node);
    const choice = enclosingChoice(this.#parent);
    if (choice !== undefined && symbol.choice === undefined) {
      symbol.choice = choice;
      choice.members.push(symbol);
    }
    this.#entry = node;
  }

  #readAssignment(text: string): boolean {
    const [, name, operator, value] = /^\s*([^\s"'#=:+]+)\s*(:=|\+=|=)[ \t]*(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) return false;
    const expanded = this.#macros.expand(name, this.#place);
    this.#macros.assign(expanded, operator as '=' | ':=' | '+=', value, this.#place);
    return true;
  }

  /** Expands macros that need no command immediately, because variables can change later. */
  #textOf(token: Token): string | MacroText {
    if (!token.macros) return token.text;
    const place = this.#place;
    if (!this.#macros.needsShell(token.text)) return this.#macros.expand(token.text, place);
    return { source: token.text, expand: this.#macros.later(token.text, place) };
  }

  #tokens(text: string): TokenReader {
    return new TokenReader(tokenize(text, this.#macros), this.#context, 1);
  }

  #title(text: string): string {
    return this.#macros.expand(this.#tokens(text).take()?.text ?? '', this.#place);
  }

  #path(text: string): string {
    const path = this.#tokens(text).take()?.text;
    if (path === undefined) throw new SyntaxError('"source" takes the path of a file');
    return posix.normalize(this.#macros.expand(path, this.#place));
  }

  #relativePath(text: string): string {
    return posix.join(posix.dirname(this.#place.file), this.#path(text));
  }

  #push(node: Pick<MenuNode, 'kind' | 'choice' | 'title'>): void {
    if (this.#nesting >= MAX_NESTING)
      throw new TooDeep(`more than ${MAX_NESTING} nested menus; the rest of the file is left out`);
    this.#nesting++;
    this.#parent = this.#newNode(node.kind, this.#parent, node);
  }

  #pop(kind: MenuNode['kind']): void {
    this.#entry = undefined;
    const { parent } = this.#parent;
    if (this.#parent.kind !== kind || this.#parent === this.#fileParent || parent === undefined)
      throw new SyntaxError(`"end${kind}" without "${kind}"`);
    this.#nesting--;
    this.#parent = parent;
  }

  /** Closes the entries that a file leaves open. */
  #closeAll(): void {
    this.#entry = undefined;
    while (this.#parent !== this.#fileParent && this.#parent.parent !== undefined) {
      const { kind, place } = this.#parent;
      this.#problems.push({ place, message: `"${kind}" is not closed` });
      this.#nesting--;
      this.#parent = this.#parent.parent;
    }
  }

  #newNode(
    kind: MenuNode['kind'],
    parent: MenuNode | undefined,
    of: Pick<MenuNode, 'symbol' | 'choice' | 'title'> = {},
  ): MenuNode {
    return { ...of, kind, parent, place: this.#place, conditions: [], visibleIf: [] };
  }

  #problem(message: string): void {
    this.#problems.push({ place: this.#place, message });
  }
}

function exists(path: string): boolean {
  // A folder of this name must not hide a file in a later root.
  // A chain of links too long to follow leads to no file.
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function ownProperty<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
