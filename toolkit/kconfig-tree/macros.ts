import type { Place } from './menu-tree.ts';

/** The environment of the macro language. */
export interface MacroEnvironment {
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a shell command in the tree and returns its stdout; undefined when it cannot run. */
  readonly shell: (command: string) => string | undefined;
}

interface Variable {
  /** `:=`: its value is the one at the time of the assignment. */
  readonly simple: boolean;
  /** Whether a command has to run to know its value. */
  readonly shell: boolean;
  /** Returns its text; that of a simple one is already expanded. */
  readonly value: () => string;
}

type Arguments = readonly string[];

/** The context in which a text is expanded: its line, the variables and arguments, and the enclosing calls. */
interface Scope {
  readonly place: Place;
  /** How many assignments came before it; later ones do not count. */
  readonly assignments: number;
  readonly args: Arguments;
  readonly depth: number;
  /** Variables that are being expanded. */
  readonly open: ReadonlySet<Variable>;
}

/** Deeper than any sane call, and well within the stack. */
const MAX_DEPTH = 200;
/** More references than any sane text expands, so that endless recursion stops; the same for the length. */
const MAX_EXPANSIONS = 10_000;
const MAX_LENGTH = 100_000;

/** Functions that only print or stop conf; explanations need neither. */
const SILENT_FUNCTIONS = new Set(['error-if', 'warning-if', 'info']);

/**
 * The macro language of Kconfig files (Documentation/kbuild/kconfig-macro-language.rst), with one difference: commands
 * run only when a value that depends on them is needed. Most explanations need none.
 */
export class MacroReader {
  readonly #outside: MacroEnvironment;
  readonly #outputs = new Map<string, string>();
  /** Every value that a variable ever had, oldest first, with the number of its assignment. */
  readonly #variables = new Map<string, { readonly since: number; readonly variable: Variable }[]>();
  #assignments = 0;
  #expansions = 0;

  constructor(outside: MacroEnvironment) {
    this.#outside = outside;
  }

  /** `name = value`, `name := value`, `name += value`. */
  assign(name: string, operator: '=' | ':=' | '+=', text: string, place: Place): void {
    const known = operator === '+=' ? this.#find(name) : undefined;
    const simple = known?.simple ?? operator === ':=';
    const shell = this.needsShell(text);
    const own = simple ? once(this.later(text, place)) : () => text;
    const joined = known === undefined ? own : once(() => `${known.value()} ${own()}`);
    const waits = shell || known?.shell === true;
    // A value that does not wait for a command is computed now.
    if (!(simple && waits)) joined();
    const variable = { simple, shell: waits, value: joined };
    const values = this.#variables.get(name) ?? [];
    values.push({ since: ++this.#assignments, variable });
    this.#variables.set(name, values);
  }

  /** Returns the end of the reference that begins at `$`: behind `$(…)`, or behind `$NAME` in trees before Linux 4.18. */
  endOfReference(text: string, start: number): number {
    if (text[start + 1] !== '(') {
      let at = start + 1;
      while (at < text.length && /\w/.test(text[at] ?? '')) at++;
      return at;
    }
    let nested = 0;
    for (let at = start + 1; at < text.length; at++) {
      if (text[at] === '(') nested++;
      else if (text[at] === ')' && --nested === 0) return at + 1;
    }
    return text.length;
  }

  /** Whether a command has to run before the text is known. */
  needsShell(text: string): boolean {
    for (const [, name] of text.matchAll(/\$\(([\w-]+)/g)) {
      if (name === 'shell') return true;
      if (name !== undefined && this.#find(name)?.shell === true) return true;
    }
    return false;
  }

  /** Replaces every reference in the text. An unknown one becomes empty, as with conf. */
  expand(text: string, place: Place): string {
    return text.includes('$') ? this.later(text, place)() : text;
  }

  /** Returns a function that does the same later, with the variables that are set now. */
  later(text: string, place: Place): () => string {
    const scope = { place, assignments: this.#assignments, args: [], depth: 0, open: new Set<Variable>() };
    return () => {
      this.#expansions = 0;
      return this.#expand(text, scope);
    };
  }

  #expand(text: string, scope: Scope): string {
    if (scope.depth > MAX_DEPTH) return '';
    let result = '';
    let at = 0;
    for (;;) {
      const dollar = text.indexOf('$', at);
      if (dollar === -1) return result + text.slice(at);
      result += text.slice(at, dollar);
      if (++this.#expansions > MAX_EXPANSIONS || result.length > MAX_LENGTH) return '';
      const end = this.endOfReference(text, dollar);
      const reference = text.slice(dollar, end);
      if (reference.startsWith('$(')) {
        result += this.#evaluate(reference.slice(2, -1), { ...scope, depth: scope.depth + 1 });
      } else {
        // Since Linux 4.18 a dollar without a bracket stands for itself; before, it was the value of a symbol.
        result += this.#outside.environment[reference.slice(1)] ?? reference;
      }
      at = end;
    }
  }

  #evaluate(clause: string, scope: Scope): string {
    const argument = /^[1-9]\d*$/.test(clause) ? scope.args[Number(clause) - 1] : undefined;
    if (argument !== undefined) return argument;
    const [name = '', ...given] = splitArguments(clause).map((part) => this.#expand(part, scope));
    const variable = this.#find(name, scope.assignments);
    if (variable !== undefined) return this.#variable(variable, given, scope);
    if (name === 'shell') return this.#shell(given[0] ?? '');
    if (name === 'filename') return scope.place.file;
    if (name === 'lineno') return String(scope.place.line);
    if (SILENT_FUNCTIONS.has(name) || given.length > 0) return '';
    return this.#outside.environment[name] ?? '';
  }

  /** Returns a variable as of a number of assignments. */
  #find(name: string, assignments = this.#assignments): Variable | undefined {
    return this.#variables.get(name)?.findLast(({ since }) => since <= assignments)?.variable;
  }

  #variable(variable: Variable, args: Arguments, scope: Scope): string {
    if (variable.simple) return variable.value();
    // A variable that refers to itself would never end; a function may call itself with other arguments.
    if (args.length === 0 && scope.open.has(variable)) return '';
    return this.#expand(variable.value(), { ...scope, args, open: new Set(scope.open).add(variable) });
  }

  #shell(command: string): string {
    const known = this.#outputs.get(command);
    if (known !== undefined) return known;
    const output = (this.#outside.shell(command) ?? '').replace(/\n+$/, '').replaceAll('\n', ' ');
    this.#outputs.set(command, output);
    return output;
  }
}

/** Calls a function only on first use. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

/** Splits `foo,$(x,1),(a,b)` into three parts: commas inside brackets do not separate. */
function splitArguments(clause: string): string[] {
  const parts: string[] = [];
  let nested = 0;
  let start = 0;
  for (let at = 0; at < clause.length; at++) {
    const sign = clause[at];
    if (sign === '(') nested++;
    else if (sign === ')') nested--;
    else if (sign === ',' && nested === 0) {
      parts.push(clause.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(clause.slice(start));
  return parts;
}
