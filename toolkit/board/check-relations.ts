import { posix } from 'node:path';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import type { WrittenContainer } from './find-name-clashes.ts';

type WrittenMap = Readonly<Record<string, unknown>>;

/** Finds conflicts between containers of one board: a network that cannot be shared, an overlay directory used twice. */
export function checkRelations(containers: readonly WrittenContainer[]): Diagnostic[] {
  return [...checkShares(containers), ...checkOverlays(containers)];
}

/** A namespace that one container takes from another. */
interface Share {
  readonly container: WrittenMap;
  /** The name of the container that owns it. */
  readonly from: string;
  readonly what: string;
  readonly location: Location;
  /** Whether a raw LXC key names it; then it may be a container of the image that is not in the board profile. */
  readonly raw: boolean;
}

/** LXC shares namespaces of a running container: that container must exist and start first. */
function checkShares(containers: readonly WrittenContainer[]): Diagnostic[] {
  const owners = new Map(containers.map(({ value }) => [mapOf(value)['name'], mapOf(value)] as const));
  const shares = containers.flatMap(sharesOf);
  const found: Diagnostic[] = [];
  for (const { container, from, what, location, raw } of shares) {
    const owner = owners.get(from);
    if (from === container['name']) {
      // For share-network the schema reports this.
      if (raw)
        found.push({
          location,
          message: `"${from}" cannot share its own ${what}`,
          help: 'name another container, or remove the line',
        });
    } else if (owner === undefined) {
      // It may be a container in an overlay; refuse-unmade.ts checks that.
      if (raw) continue;
      const names = [...owners.keys()].filter((name) => typeof name === 'string');
      const near = didYouMean(from, names);
      found.push({
        location,
        message: `the board has no container "${from}" whose ${what} could be shared`,
        ...(near === undefined ? {} : { help: `did you mean "${near}"?` }),
      });
    } else if (startOf(container) !== undefined && !isEarlier(owner, container)) {
      found.push({
        location,
        message: `"${from}" must start before it, so that its ${what} exists`,
        help: `give "${from}" an autostart with a lower order`,
      });
    } else if (startOf(container) === undefined && leadsBack(from, String(container['name']), shares)) {
      found.push({
        location,
        message: `"${from}" and "${String(container['name'])}" wait for each other: each shares a namespace of the other`,
        help: 'remove one of the two',
      });
    }
  }
  return found;
}

function sharesOf({ value, locate }: WrittenContainer): Share[] {
  const container = mapOf(value);
  const shared = container['share-network'];
  const own =
    typeof shared === 'string'
      ? [{ container, from: shared, what: 'network', location: locate(['share-network']), raw: false }]
      : [];
  const raw = rawOf(container).flatMap(({ key, value: from, index }) => {
    const [, namespace] = /^lxc\.namespace\.share\.(\w+)$/.exec(key) ?? [];
    // A number is a process, and a path its namespace (lxc.container.conf(5), "NAMESPACE INHERITANCE").
    if (namespace === undefined || from === '' || /^\d+$|^\//.test(from)) return [];
    const what = namespace === 'net' ? 'network' : `${namespace} namespace`;
    return [{ container, from, what, location: locate(['raw', index]), raw: true }];
  });
  return [...own, ...raw];
}

/** Whether a container shares from another one, directly or through others. */
function leadsBack(from: string, to: string, shares: readonly Share[]): boolean {
  const reached = new Set([from]);
  for (const name of reached) {
    for (const share of shares) if (share.container['name'] === name) reached.add(share.from);
  }
  return reached.has(to);
}

function rawOf(container: WrittenMap): { key: string; value: string; index: number }[] {
  const { raw } = container;
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((text: unknown, index) => {
    const [, key, value] = /^\s*(lxc\.[^\s=]+)\s*=\s*(.*?)\s*$/.exec(String(text)) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value, index }];
  });
}

/** Returns the start order of a container, or undefined if it does not start at boot. Raw lines win. */
function startOf(container: WrittenMap): number | undefined {
  const raw = new Map(rawOf(container).map(({ key, value }) => [key, value]));
  const { autostart } = container;
  const isMap = typeof autostart === 'object' && autostart !== null;
  const starts = raw.get('lxc.start.auto') ?? (autostart === true || isMap ? '1' : '0');
  if (starts !== '1') return undefined;
  const written = isMap ? (autostart as { readonly order?: unknown }).order : undefined;
  const order = raw.get('lxc.start.order') ?? written ?? 0;
  return typeof order === 'number' || typeof order === 'string' ? Number(order) : undefined;
}

/** lxc-autostart sorts by order, then by name (cmporder() in lxc_autostart.c). */
function isEarlier(owner: WrittenMap, container: WrittenMap): boolean {
  const [first, second] = [startOf(owner), startOf(container)];
  if (first === undefined || second === undefined) return false;
  return first < second || (first === second && String(owner['name']) < String(container['name']));
}

/** LXC puts an overlay's work directory beside its upper directory; the kernel needs one work directory per overlay. */
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
        message: `the directory ${parent} is already taken by the overlay in ${first.file}:${first.line}`,
        help: `LXC makes a work directory beside the upper one: give each container its own parent directory, such as ${upper}/upper`,
      });
    }
  }
  return found;
}

function mapOf(value: unknown): WrittenMap {
  return typeof value === 'object' && value !== null ? (value as WrittenMap) : {};
}
