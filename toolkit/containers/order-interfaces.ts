import type { Setting } from './config-settings.ts';
import type { Findings } from './findings.ts';
import { releaseHasKey } from './key-table.ts';
import { lxcKeys } from './lxc-keys.ts';
import { placeOf } from './read-config.ts';

/**
 * Where the lines of interfaces have to be moved: for each of their settings, what is written in its place. Old
 * releases know interfaces by the order of their types; LXC 5.0 and later forget what stands before a type.
 */
export function orderInterfaces(
  settings: readonly Setting[],
  { lxcVersion, findings }: { readonly lxcVersion: string; readonly findings: Findings },
): ReadonlyMap<Setting, readonly Setting[]> {
  const own = settings.filter(({ index }) => index !== undefined);
  const numbered = lxcKeys.some(
    ({ key, ...row }) => key === 'lxc.net.[i].type' && releaseHasKey({ key, ...row }, lxcVersion),
  );
  const isType = ({ row }: Setting): boolean => row.key.endsWith('.type');
  const indexes = [...new Set(own.map(({ index }) => index ?? 0))].sort((a, b) => a - b);
  const ordered = indexes.flatMap((index) => {
    const block = own.filter((setting) => setting.index === index);
    return [...block.filter(isType), ...block.filter((setting) => !isType(setting))];
  });
  const inOrder = numbered
    ? indexes.every((index) => own.filter((setting) => setting.index === index).findIndex(isType) <= 0)
    : ordered.every((setting, i) => own[i] === setting);
  const [first] = own;
  if (inOrder || first === undefined) return new Map();
  findings.note(
    'changed',
    placeOf(first.line.source),
    `the lines of the interfaces are put together here, each with its type first: LXC ${lxcVersion} needs that`,
  );
  return new Map(own.map((setting) => [setting, setting === first ? ordered : []]));
}
