import type { ContainerDefinition } from './container-schema.ts';
import { mapsOf } from '../lxc-keys/id-map-lines.ts';
import { chooseRanges, rangeMaps } from '../lxc-keys/id-ranges.ts';

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
    return { ...container, idmap: rangeMaps(host), givenIds: true };
  });
}

function needsRange(container: ContainerDefinition): boolean {
  return container.privileged !== true && mapsOf(container).length === 0;
}
