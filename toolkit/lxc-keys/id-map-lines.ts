import { findKeyOfAnyRelease } from './key-table.ts';
import { parseConfigLine } from './parse-config-line.ts';

/** A range of user or group IDs of a container, and where it begins on the device. */
export interface IdMap {
  readonly kind: 'uid' | 'gid';
  readonly container: number;
  readonly host: number;
  readonly count: number;
}

/** Returns the maps of a container: those of its definition, otherwise those of its raw lines. */
export function mapsOf({
  idmap,
  raw,
}: {
  readonly idmap: readonly IdMap[];
  readonly raw: readonly string[];
}): readonly IdMap[] {
  return idmap.length > 0 ? idmap : raw.flatMap(mapOfLine);
}

/** Returns the map of a line such as `lxc.idmap = u 0 100000 65536`; none for any other line. */
export function mapOfLine(text: string): IdMap[] {
  const line = parseConfigLine(text);
  if (line.kind !== 'setting' || findKeyOfAnyRelease(line.key)?.type !== 'idmap') return [];
  const [, kind, ...numbers] = /^([ug])\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(line.value) ?? [];
  const [container, host, count] = numbers.map(Number);
  if (container === undefined || host === undefined || count === undefined) return [];
  return [{ kind: kind === 'u' ? 'uid' : 'gid', container, host, count }];
}

/** Describes the IDs of a container on the device: `users and groups 1048576 to 1114111`; without maps, privileged. */
export function describeIds(maps: readonly IdMap[]): string {
  const rangesOf = (kind: IdMap['kind']): string =>
    maps
      .filter((map) => map.kind === kind)
      .map(({ host, count }) => `${host} to ${host + count - 1}`)
      .join(', ');
  const [users, groups] = [rangesOf('uid'), rangesOf('gid')];
  if (maps.length === 0) return 'privileged: its users and groups are those of the device';
  return users === groups
    ? `users and groups ${users}`
    : [...(users === '' ? [] : [`users ${users}`]), ...(groups === '' ? [] : [`groups ${groups}`])].join(
        ', ',
      );
}
