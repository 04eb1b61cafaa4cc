import type { Diagnostic } from '../base/diagnostic.ts';
import { isMap } from '../base/is-map.ts';
import { mapOfLine, type IdMap } from '../lxc-keys/id-map-lines.ts';
import type { Fault } from './host-network-faults.ts';
import type { WrittenContainer } from './find-name-clashes.ts';

/** The last ID that the kernel takes; the next one, 2^32 - 1, stands for "no ID" (user_namespaces(7)). */
const LAST_ID = 4_294_967_294;

/** The parts of a container that its maps have to fit, as written. */
export interface WrittenIds {
  readonly privileged?: boolean | undefined;
  readonly idmap?: readonly (Partial<IdMap> | null)[] | undefined;
  readonly init?: { readonly uid?: number | undefined; readonly gid?: number | undefined } | undefined;
  readonly raw?: readonly string[] | undefined;
}

/** Finds ID maps of one container that the kernel or LXC refuses. */
export function idMapFaults(container: WrittenIds): Fault[] {
  const { privileged, raw } = container;
  const written = Array.isArray(container.idmap)
    ? (container.idmap as readonly (Partial<IdMap> | null)[])
    : [];
  const entries = written.map((one, index) => ({ map: wholeMap(one), index }));
  const found: Fault[] = [];
  if (privileged === true && written.length > 0)
    found.push({
      path: ['idmap'],
      message:
        'cannot be combined with "privileged: true", which is a container without ID maps\nremove one of the two',
    });
  const inRaw = Array.isArray(raw) ? raw.findIndex((line) => mapOfLine(String(line)).length > 0) : -1;
  if (privileged === true && inRaw !== -1)
    found.push({
      path: ['raw', inRaw],
      message: 'maps IDs, but the container has "privileged: true"\nremove one of the two',
    });
  for (const { map, index } of entries) {
    if (map === undefined) continue;
    found.push(...beyondFaults(map, index));
    const other = entries.slice(0, index).find((one) => one.map !== undefined && overlapOf(map, one.map));
    if (other?.map === undefined) continue;
    const side = overlapOf(map, other.map) ?? 'host';
    const last = other.map[side] + other.map.count - 1;
    const where = side === 'host' ? 'on the device' : 'in the container';
    found.push({
      path: ['idmap', index, side],
      message: `overlaps entry [${other.index}], which has ${other.map[side]} to ${last} ${where}\nbegin at ${last + 1}, or shorten the other range`,
    });
  }
  // With other mistakes, a missing map may be one of those.
  if (found.length === 0 && written.length > 0 && entries.every(({ map }) => map !== undefined))
    found.push(
      ...rootFaults(
        container,
        entries.flatMap(({ map }) => map ?? []),
      ),
    );
  return found;
}

function wholeMap(one: Partial<IdMap> | null): IdMap | undefined {
  const { kind, container, host, count } = one ?? {};
  return kind === undefined || container === undefined || host === undefined || count === undefined
    ? undefined
    : { kind, container, host, count };
}

function beyondFaults(map: IdMap, index: number): Fault[] {
  return (['container', 'host'] as const).flatMap((side) => {
    const last = map[side] + map.count - 1;
    if (last <= LAST_ID) return [];
    const most = LAST_ID - map[side] + 1;
    const help = most > 0 ? `write "count: ${most}" at most, or begin at a lower ID` : 'begin at a lower ID';
    return [
      {
        path: ['idmap', index, 'count'],
        message: `ends at ${last} ${side === 'host' ? 'on the device' : 'in the container'}, and the kernel's last ID is ${LAST_ID}\n${help}`,
      },
    ];
  });
}

/** The first process needs an ID that its kind's maps hold: LXC switches to root, or to the IDs of `init`. */
function rootFaults({ init }: WrittenIds, maps: readonly IdMap[]): Fault[] {
  return (['uid', 'gid'] as const).flatMap((kind) => {
    const own = maps.filter((map) => map.kind === kind);
    const holds = (id: number): boolean =>
      own.some(({ container, count }) => id >= container && id < container + count);
    if (own.length === 0 || holds(0) || (init?.[kind] !== undefined && holds(init[kind]))) return [];
    const what = kind === 'uid' ? 'user' : 'group';
    return [
      {
        path: ['idmap'],
        message: `has no ${what} for the container's root, so nothing starts in it\nadd { kind: ${kind}, container: 0, host: 100000, count: 65536 }`,
      },
    ];
  });
}

function overlapOf(a: IdMap, b: IdMap): 'container' | 'host' | undefined {
  if (a.kind !== b.kind) return undefined;
  return (['container', 'host'] as const).find(
    (side) => a[side] < b[side] + b.count && b[side] < a[side] + a.count,
  );
}

/**
 * Finds ranges by hand that two containers of a board share: root in one could change the files of the other. A map of a
 * single ID is taken as meant: it gives both containers a user of the device, such as the owner of a shared directory.
 */
export function sharedIdFaults(containers: readonly WrittenContainer[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const earlier: { readonly map: IdMap; readonly name: string }[] = [];
  for (const { value, locate } of containers) {
    if (!isMap(value)) continue;
    const name = String(value['name']);
    const maps = writtenMaps(value);
    for (const { map, path } of maps) {
      const other = earlier.find((one) => one.map.kind === map.kind && overlapOnDevice(one.map, map));
      if (other === undefined) continue;
      const last = other.map.host + other.map.count - 1;
      found.push({
        location: locate(path),
        message: `the range ${map.host} to ${map.host + map.count - 1} overlaps that of ${other.name}, ${other.map.host} to ${last}: root in one could change the files of the other`,
        help: `begin at ${last + 1}, or remove idmap: then lxc-kit gives each container its own range`,
      });
    }
    earlier.push(...maps.map(({ map }) => ({ map, name })));
  }
  return found;
}

function overlapOnDevice(a: IdMap, b: IdMap): boolean {
  if (a.count === 1 || b.count === 1) return false;
  return a.host < b.host + b.count && b.host < a.host + a.count;
}

function writtenMaps(
  value: Readonly<Record<string, unknown>>,
): { readonly map: IdMap; readonly path: readonly (string | number)[] }[] {
  const { idmap, raw } = value;
  const listed = Array.isArray(idmap) ? idmap : [];
  const own = listed.flatMap((one: unknown, index) => {
    const map = isMap(one) ? wholeMap(one) : undefined;
    return map !== undefined && isSound(map) ? [{ map, path: ['idmap', index, 'host'] }] : [];
  });
  if (own.length > 0 || !Array.isArray(raw)) return own;
  return raw.flatMap((line: unknown, index) =>
    mapOfLine(String(line)).map((map) => ({ map, path: ['raw', index] })),
  );
}

function isSound({ container, host, count }: IdMap): boolean {
  return [container, host, count].every((number) => Number.isSafeInteger(number) && number >= 0);
}
