import { posix } from 'node:path';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import type { WrittenContainer } from './find-name-clashes.ts';

type WrittenMap = Readonly<Record<string, unknown>>;

/** Finds what containers of one board ask of one another in vain: a network to share, a directory for an overlay. */
export function checkRelations(containers: readonly WrittenContainer[]): Diagnostic[] {
  return [...checkSharedNetworks(containers), ...checkOverlays(containers)];
}

/** LXC takes the network of a container that runs: it has to be there, and to be started before. */
function checkSharedNetworks(containers: readonly WrittenContainer[]): Diagnostic[] {
  const owners = new Map(containers.map(({ value }) => [mapOf(value)['name'], mapOf(value)] as const));
  const found: Diagnostic[] = [];
  for (const { value, locate } of containers) {
    const container = mapOf(value);
    const shared = container['share-network'];
    if (typeof shared !== 'string' || shared === container['name']) continue;
    const owner = owners.get(shared);
    const location = locate(['share-network']);
    if (owner === undefined) {
      const names = [...owners.keys()].filter((name) => typeof name === 'string');
      const near = didYouMean(shared, names);
      found.push({
        location,
        message: `the board has no container "${shared}" whose network could be shared`,
        ...(near === undefined ? {} : { help: `did you mean "${near}"?` }),
      });
    } else if (startOf(container) !== undefined && !isEarlier(owner, container)) {
      found.push({
        location,
        message: `"${shared}" has to be started before it, so that its network is there`,
        help: `give "${shared}" an autostart with a lower order`,
      });
    }
  }
  return found;
}

/** The order of a container that starts at boot; undefined for one that does not. */
function startOf(container: WrittenMap): number | undefined {
  const { autostart } = container;
  if (autostart === true) return 0;
  if (typeof autostart !== 'object' || autostart === null) return undefined;
  const { order = 0 } = autostart as { readonly order?: unknown };
  return typeof order === 'number' ? order : undefined;
}

function isEarlier(owner: WrittenMap, container: WrittenMap): boolean {
  const [first, second] = [startOf(owner), startOf(container)];
  return first !== undefined && second !== undefined && first < second;
}

/** LXC puts the work directory of an overlay beside its upper one; the kernel wants one for each overlay. */
function checkOverlays(containers: readonly WrittenContainer[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const taken = new Map<string, Location>();
  for (const { value, locate } of containers) {
    const upper = mapOf(mapOf(mapOf(value)['rootfs'])['overlay'])['upper'];
    if (typeof upper !== 'string') continue;
    const parent = posix.dirname(upper);
    const location = locate(['rootfs', 'overlay', 'upper']);
    const first = taken.get(parent);
    if (first === undefined) taken.set(parent, location);
    else {
      found.push({
        location,
        message: `the directory ${parent} is taken already by the overlay of ${first.file}:${first.line}`,
        help: `LXC makes a work directory beside the upper one: give each container a parent of its own, such as ${upper}/upper`,
      });
    }
  }
  return found;
}

function mapOf(value: unknown): WrittenMap {
  return typeof value === 'object' && value !== null ? (value as WrittenMap) : {};
}
