import type { Place } from './menu-tree.ts';

/** What the outside gives to the macro language. */
export interface MacroEnvironment {
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a shell command in the tree and gives its stdout; undefined when it cannot be run. */
  readonly shell: (command: string) => string | undefined;
}

interface Variable {
  value: string;
  /** `:=`: already expanded, or waiting to be because a command is in it. */
  simple: boolean;
  expanded?: string;
  shell: boolean;
  depth: number;
}

type Arguments = readonly string[];

/** Deeper than any sane call, and short of the stack's end. */
const MAX_DEPTH = 200;

/** Functions that only print or stop conf; an explanation needs neither. */
const SILENT_FUNCTIONS = new Set(['error-if', 'warning-if', 'info']);

/**
 * The macro language of Kconfig files (Documentation/kbuild/kconfig-macro-language.rst), with one difference: commands
 * run only when a value is asked for that depends on them. Most explanations need none.
 */
export class MacroReader {
  readonly #outside: MacroEnvironment;
  readonly #variables = new Map<string, Variable>();
  readonly #outputs = new Map<string, string>();

  constructor(outside: MacroEnvironment) {
    this.#outside = outside;
  }

  /** `name = value`, `name := value`, `name += value`. */
  assign(name: string, operator: '=' | ':=' | '+=', value: string, place: Place): void {
    const known = this.#variables.get(name);
    const simple = operator === '+=' ? (known?.simple ?? false) : operator === ':=';
    const shell = this.needsShell(value);
    const text = simple && !shell ? this.expand(value, place) : value;
    const joined = operator === '+=' && known !== undefined ? `${known.value} ${text}` : text;
    const waits = shell || (operator === '+=' && known?.shell === true);
    this.#variables.set(name, {
      value: joined,
      simple,
      shell: waits,
      depth: 0,
      ...(simple && !waits ? { expanded: joined } : {}),
    });
  }

  /** Where the reference that begins at `$` ends: behind `$(…)`, or behind `$NAME` of trees before Linux 4.18. */
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
      if (name !== undefined && this.#variables.get(name)?.shell === true) return true;
    }
    return false;
  }

  /** The text with every reference replaced. What is unknown becomes nothing, as it does for conf. */
  expand(text: string, place: Place, args: Arguments = [], depth = 0): string {
    if (!text.includes('$') || depth > MAX_DEPTH) return text;
    let result = '';
    let at = 0;
    for (;;) {
      const dollar = text.indexOf('$', at);
      if (dollar === -1) return result + text.slice(at);
      result += text.slice(at, dollar);
      const end = this.endOfReference(text, dollar);
      const reference = text.slice(dollar, end);
      if (reference.startsWith('$(')) {
        result += this.#evaluate(reference.slice(2, -1), place, args, depth + 1);
      } else {
        // Since Linux 4.18 a dollar without a bracket means itself; before, this was the value of a symbol.
        result += this.#outside.environment[reference.slice(1)] ?? reference;
      }
      at = end;
    }
  }

  #evaluate(clause: string, place: Place, args: Arguments, depth: number): string {
    const argument = /^[1-9]\d*$/.test(clause) ? args[Number(clause) - 1] : undefined;
    if (argument !== undefined) return argument;
    const [name = '', ...given] = splitArguments(clause).map((part) => this.expand(part, place, args, depth));
    const variable = this.#variables.get(name);
    if (variable !== undefined) return this.#variable(variable, given, place, depth);
    if (name === 'shell') return this.#shell(given[0] ?? '');
    if (name === 'filename') return place.file;
    if (name === 'lineno') return String(place.line);
    if (SILENT_FUNCTIONS.has(name) || given.length > 0) return '';
    return this.#outside.environment[name] ?? '';
  }

  #variable(variable: Variable, given: Arguments, place: Place, depth: number): string {
    if (variable.expanded !== undefined) return variable.expanded;
    // A variable that refers to itself would never end.
    if (variable.depth > MAX_DEPTH || (given.length === 0 && variable.depth > 0)) return '';
    variable.depth++;
    const text = this.expand(variable.value, place, given, depth);
    variable.depth--;
    if (variable.simple) variable.expanded = text;
    return text;
  }

  #shell(command: string): string {
    const known = this.#outputs.get(command);
    if (known !== undefined) return known;
    const output = (this.#outside.shell(command) ?? '').replace(/\n+$/, '').replaceAll('\n', ' ');
    this.#outputs.set(command, output);
    return output;
  }
}

/** `foo,$(x,1),(a,b)` has three parts: commas inside brackets belong to what is in them. */
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
