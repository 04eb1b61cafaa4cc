import { hashBytes } from '../host/hash-file.ts';
import type { ContainerDefinition } from './container-schema.ts';
import { mapsOf, type IdMap } from '../lxc-keys/id-map-lines.ts';

/**
 * The ranges that lxc-kit gives to containers, each of 65,536 IDs and aligned to that: 32,752 of them, from 1,048,576 up
 * to below 2^31. IDs below are free for the device's own users; some tools take IDs as signed 32-bit numbers.
 */
export const ID_RANGES = { first: 1_048_576, size: 65_536, count: 32_752 } as const;

/**
 * Gives each container that is not privileged and has no map of its own a range of user and group IDs. Users and groups
 * get the same range. It is the one that the SHA-256 of the container's name chooses, so that the files of a container
 * keep their owners whatever other containers the board has. If that range is taken, the container whose name comes
 * first in the order of bytes keeps it, and the other one tries the range of the next hash.
 */
export function giveIdRanges(containers: readonly ContainerDefinition[]): ContainerDefinition[] {
  const waiting = containers.filter(needsRange).map(({ name }) => name);
  const given = chooseRanges(waiting, containers.flatMap(mapsOf));
  return containers.map((container) => {
    const host = needsRange(container) ? given.get(container.name) : undefined;
    if (host === undefined) return container;
    const range = { container: 0, host, count: ID_RANGES.size };
    return {
      ...container,
      idmap: [
        { kind: 'uid', ...range },
        { kind: 'gid', ...range },
      ],
      givenIds: true,
    };
  });
}

function needsRange(container: ContainerDefinition): boolean {
  return container.privileged === false && mapsOf(container).length === 0;
}

/** Returns the first ID of each container's range. Ranges that `taken` touches are left out. */
export function chooseRanges(names: readonly string[], taken: readonly IdMap[]): ReadonlyMap<string, number> {
  const chosen = new Map<string, number>();
  const isFree = (first: number): boolean =>
    ![...chosen.values()].includes(first) &&
    taken.every(({ host, count }) => host + count <= first || host >= first + ID_RANGES.size);
  for (const name of [...new Set(names)].sort(byBytes)) {
    for (let attempt = 0; ; attempt += 1) {
      // Only a map by hand of nearly all IDs leaves none free.
      if (attempt > 16 * ID_RANGES.count) throw new Error(`no range of IDs is left for ${name}`);
      const first = rangeOf(name, attempt);
      if (!isFree(first)) continue;
      chosen.set(name, first);
      break;
    }
  }
  return chosen;
}

function rangeOf(name: string, attempt: number): number {
  const hash = hashBytes(attempt === 0 ? name : `${name}\0${attempt}`);
  return ID_RANGES.first + (Number.parseInt(hash.slice(0, 8), 16) % ID_RANGES.count) * ID_RANGES.size;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
