import type { Setting } from '../lxc-config/read-settings.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { releaseHasKey } from '../lxc-keys/key-table.ts';
import { lxcKeys } from '../lxc-keys/lxc-keys.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/**
 * Returns for each network setting the lines to write in its place, if the lines of interfaces must be moved. Old
 * releases number interfaces by the order of their types; LXC 5.0 and later forget settings before a type.
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
    `the lines of the interfaces are grouped here, each with its type first, as LXC ${lxcVersion} requires`,
  );
  return new Map(own.map((setting) => [setting, setting === first ? ordered : []]));
}
