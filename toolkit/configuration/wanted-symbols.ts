import { isUnmet, readFinalConfig } from '../kconfig/audit-config.ts';
import type { Wanted } from '../kconfig-advice/fix-input.ts';
import { satisfies } from '../kconfig-advice/line-cost.ts';
import { readConfigValues } from '../kconfig-tree/config-values.ts';
import { successorsOf, type Successor } from './advise-in-tree.ts';
import { bare, type ReadTree } from './read-kconfig-tree.ts';

/** `CPUSETS` wants its requested value, or y when that is an n that it already has; `CONFIG_HZ=100` wants 100. */
export function wantedOf(text: string, read: ReadTree): Wanted {
  const [given] = readConfigValues(`CONFIG_${bare(text)}`);
  if (given !== undefined) return { symbol: given[0], value: given[1] };
  const symbol = bare(text);
  const asked = read.asked.get(symbol) ?? 'y';
  const isOff = asked === 'n' && (read.final.get(symbol) ?? 'n') === 'n';
  return { symbol, value: isOff ? 'y' : asked };
}

/** The symbols that were requested or are required, and did not get their value. */
export function lostSymbols({ asked, final, configured, tree }: ReadTree): Wanted[] {
  const isWish = (name: string): boolean => configured.requests.get(`CONFIG_${name}`)?.optional === true;
  const wanted = new Map([...asked].filter(([name]) => !isWish(name)));
  const configuredFinal = readFinalConfig(configured.text);
  for (const need of configured.required) {
    const name = bare(need.symbol);
    const unmet = isUnmet(need, configuredFinal);
    if (need.value === 'n') {
      if (unmet) wanted.set(name, 'n');
    } else if ((unmet || need.onlyWith === undefined) && (wanted.get(name) ?? 'n') === 'n') {
      wanted.set(name, 'y');
    }
  }
  return [...wanted]
    .filter(([name, value]) => {
      const symbol = tree.symbols.get(name);
      const isText = symbol !== undefined && ['string', 'int', 'hex'].includes(symbol.type);
      return !satisfies(final.get(name) ?? (isText ? '' : 'n'), value);
    })
    .map(([symbol, value]) => ({ symbol, value }));
}

/** Replaces names of other releases by those of this one; each symbol is wanted once. */
export function followNames(
  asked: readonly Wanted[],
  read: ReadTree,
): { readonly wanted: readonly Wanted[]; readonly successors: readonly Successor[] } {
  const wanted = new Map<string, Wanted>();
  const successors: Successor[] = [];
  for (const one of asked) {
    const successor = successorsOf(one, read);
    if (successor === undefined) wanted.set(one.symbol, one);
    else successors.push(successor);
  }
  for (const { now } of successors)
    for (const one of now)
      if (!wanted.has(one.symbol) && !satisfies(read.final.get(one.symbol) ?? 'n', one.value))
        wanted.set(one.symbol, one);
  return { wanted: [...wanted.values()], successors };
}
