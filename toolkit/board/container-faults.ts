import type { Fault } from './host-network-faults.ts';
import { idMapFaults, type WrittenIds } from './id-maps.ts';

/** A container definition as written, perhaps with other mistakes. */
export interface WrittenContainer extends WrittenIds {
  readonly name?: string | undefined;
  readonly network?: readonly unknown[] | undefined;
  readonly 'share-network'?: string | undefined;
}

/** Finds parts of a container definition that contradict each other. */
export function containerFaults(container: WrittenContainer): Fault[] {
  return [...sharedNetworkFaults(container), ...idMapFaults(container)];
}

function sharedNetworkFaults({ name, network, 'share-network': shared }: WrittenContainer): Fault[] {
  if (shared === undefined) return [];
  const path = ['share-network'];
  const found: Fault[] = [];
  if (Array.isArray(network) && network.length > 0)
    found.push({
      path,
      message: 'cannot be combined with network: the container uses the interfaces of the other one',
    });
  if (shared === name) found.push({ path, message: 'must be another container, not this one' });
  return found;
}
