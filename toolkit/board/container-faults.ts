import type { Fault } from './host-network-faults.ts';

interface WrittenMap {
  readonly kind?: string | undefined;
  readonly container?: number | undefined;
  readonly host?: number | undefined;
  readonly count?: number | undefined;
}

/** A container definition as written, perhaps with other mistakes. */
export interface WrittenContainer {
  readonly name?: string | undefined;
  readonly network?: readonly unknown[] | undefined;
  readonly 'share-network'?: string | undefined;
  readonly idmap?: readonly WrittenMap[] | undefined;
}

/** Finds parts of a container definition that contradict each other. */
export function containerFaults(container: WrittenContainer): Fault[] {
  return [...sharedNetworkFaults(container), ...idMapFaults(container.idmap)];
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

/** Finds overlapping ID maps: the kernel refuses two maps with a common ID on either side. */
function idMapFaults(written: readonly WrittenMap[] | undefined): Fault[] {
  const found: Fault[] = [];
  const earlier: Required<WrittenMap>[] = [];
  for (const [index, one] of (Array.isArray(written) ? (written as (WrittenMap | null)[]) : []).entries()) {
    const { kind, container, host, count } = one ?? {};
    if (kind === undefined || container === undefined || host === undefined || count === undefined) continue;
    const map = { kind, container, host, count };
    for (const [at, other] of earlier.entries()) {
      const side = (['container', 'host'] as const).find((one) => overlap(map, other, one));
      if (side === undefined) continue;
      const last = Number(other[side]) + Number(other.count) - 1;
      const where = side === 'host' ? 'on the device' : 'in the container';
      const message = `overlaps entry [${at}], which has ${other[side]} to ${last} ${where}\nbegin at ${last + 1}, or shorten the other range`;
      found.push({ path: ['idmap', index, side], message });
      break;
    }
    earlier.push(map);
  }
  return found;
}

function overlap(a: Required<WrittenMap>, b: Required<WrittenMap>, side: 'container' | 'host'): boolean {
  const [firstA = 0, firstB = 0] = [a[side], b[side]];
  return a.kind === b.kind && firstA < firstB + (b.count ?? 0) && firstB < firstA + (a.count ?? 0);
}
