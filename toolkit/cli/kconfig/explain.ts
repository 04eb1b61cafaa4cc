import { didYouMean } from '../../base/did-you-mean.ts';
import { KitError } from '../../base/errors.ts';
import { explainSymbol, type Explanation } from '../../kconfig-tree/explain-symbol.ts';
import { askedForIn, bare, type ReadTree } from '../../steps/read-kconfig-tree.ts';
import { print, tell } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** `lxc-kit kconfig explain SYMBOL`. */
export async function explainInTree(
  name: string,
  options: TreeOptions & { readonly json?: boolean },
): Promise<void> {
  await withConfiguredTree(options, (opened) => {
    const read = opened.read();
    const symbol = read.tree.symbols.get(bare(name));
    if (symbol === undefined) throw unknownSymbol(bare(name), read);
    const explanation = explainSymbol(symbol, read.values, askedForIn(read));
    if (options.json === true) print(JSON.stringify(explanation, null, 2));
    else for (const line of explanationLines(explanation)) print(line);
    tellProblems(read);
    return Promise.resolve();
  });
}

/** An explanation as it is printed. */
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

/** A Kconfig file that could not be read whole may be why something is not explained. */
export function tellProblems({ tree }: ReadTree): void {
  const { length } = tree.problems;
  if (length === 0) return;
  tell(
    `note: ${length} ${length === 1 ? 'line' : 'lines'} of the Kconfig files could not be read, the first:`,
  );
  for (const { place, message } of tree.problems.slice(0, 5))
    tell(`  ${place.file}:${place.line} ${message}`);
}

function unknownSymbol(name: string, { tree, configured }: ReadTree): KitError {
  const meant = didYouMean(name, tree.symbols.keys());
  const version = `${configured.name} ${configured.version ?? ''}`.trim();
  return new KitError('USAGE', `no explanation for CONFIG_${name}: ${version} has no such symbol`, {
    ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
  });
}
