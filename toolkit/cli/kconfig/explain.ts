import { KitError } from '../../base/errors.ts';
import { similarSymbols } from '../../kconfig/similar-symbol.ts';
import { explainSymbol, type Explanation } from '../../kconfig-advice/explain-symbol.ts';
import type { SymbolAdvice } from '../../kconfig/symbol-advice.ts';
import { adviseInTree, isDefined } from '../../configuration/advise-in-tree.ts';
import { askedForIn, bare, type ReadTree } from '../../configuration/read-kconfig-tree.ts';
import { print, printStatus } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** `lxc-kit kconfig explain SYMBOL`. */
export async function explainInTree(
  name: string,
  options: TreeOptions & { readonly json?: boolean },
): Promise<void> {
  await withConfiguredTree(options, (opened) => {
    const read = opened.read();
    const symbol = bare(name);
    const advice = isDefined(read, symbol) ? undefined : adviseInTree(symbol, read);
    if (advice === undefined) {
      const explanation = explain(symbol, read);
      if (options.json === true) print(JSON.stringify(explanation, null, 2));
      else for (const line of explanationLines(explanation)) print(line);
    } else explainSuccessors(symbol, advice, read, options.json === true);
    printProblems(read);
    return Promise.resolve();
  });
}

/** Explains a name of another release by the names that this release has for it. */
function explainSuccessors(
  name: string,
  { instead, advice }: SymbolAdvice,
  read: ReadTree,
  json: boolean,
): void {
  const explanations = instead.map((one) => explain(bare(one), read));
  if (json) {
    print(JSON.stringify({ symbol: name, inTree: false, instead, advice, explanations }, null, 2));
    return;
  }
  print(`CONFIG_${name}: ${releaseOf(read)} has no such symbol; ${advice}`);
  for (const explanation of explanations)
    for (const line of ['', ...explanationLines(explanation)]) print(line);
}

function explain(name: string, read: ReadTree): Explanation {
  const symbol = read.tree.symbols.get(name);
  if (symbol === undefined) throw unknownSymbol(name, read);
  return explainSymbol(symbol, read.values, askedForIn(read));
}

function releaseOf({ configured }: ReadTree): string {
  return `${configured.name} ${configured.version ?? ''}`.trim();
}

/** The printed lines of an explanation. */
export function explanationLines(explanation: Explanation): string[] {
  const { symbol, type, prompt, definedAt, askedFor, value, because } = explanation;
  const places = definedAt.map(({ file, line }) => `${file}:${line}`).join(', ');
  const named = prompt === undefined ? 'no prompt' : `"${prompt}"`;
  return [
    `CONFIG_${symbol}: ${type === 'unknown' ? 'no type' : type}, ${named}`,
    `defined at: ${places === '' ? 'nowhere' : places}`,
    `asked for: ${askedFor ?? 'no'}`,
    `final: ${value === '' ? 'not set' : value}`,
    '',
    ...because.map((one) => `${'  '.repeat(one.depth)}${one.symbol} is ${one.value}: ${one.reason}`),
  ];
}

/** A Kconfig file that could not be read completely may be why an explanation is missing. */
export function printProblems({ tree }: ReadTree): void {
  const { length } = tree.problems;
  if (length === 0) return;
  printStatus(
    `note: ${length} ${length === 1 ? 'line' : 'lines'} of the Kconfig files could not be read, the first:`,
  );
  for (const { place, message } of tree.problems.slice(0, 5))
    printStatus(`  ${place.file}:${place.line} ${message}`);
}

function unknownSymbol(name: string, read: ReadTree): KitError {
  const meant = similarSymbols(read.tree.symbols.keys())(name);
  return new KitError('USAGE', `no explanation for CONFIG_${name}: ${releaseOf(read)} has no such symbol`, {
    ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
  });
}
