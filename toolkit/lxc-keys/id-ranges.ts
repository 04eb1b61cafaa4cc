import { hashBytes } from '../host/hash-file.ts';
import type { IdMap } from './id-map-lines.ts';

/**
 * The ranges that lxc-kit gives to containers, each of 65,536 IDs and aligned to that: 32,752 of them, from 1,048,576 up
 * to below 2^31. IDs below are free for the device's own users; some tools take IDs as signed 32-bit numbers.
 */
export const ID_RANGES = { first: 1_048_576, size: 65_536, count: 32_752 } as const;

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

/** Returns the maps of a whole range: users and groups alike. */
export function rangeMaps(host: number): IdMap[] {
  const range = { container: 0, host, count: ID_RANGES.size };
  return [
    { kind: 'uid', ...range },
    { kind: 'gid', ...range },
  ];
}

function rangeOf(name: string, attempt: number): number {
  const hash = hashBytes(attempt === 0 ? name : `${name}\0${attempt}`);
  return ID_RANGES.first + (Number.parseInt(hash.slice(0, 8), 16) % ID_RANGES.count) * ID_RANGES.size;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
