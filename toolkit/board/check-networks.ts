import type { Diagnostic, Location } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import type { WrittenContainer } from './find-name-clashes.ts';
import type { YamlPath } from '../yaml/locate-issue.ts';

/** The networks of a profile as written, valid or not. */
export interface WrittenNetworks {
  readonly bridges: unknown;
  readonly interfaces: unknown;
  readonly containers: readonly WrittenContainer[];
  /** Returns the place of a path in the profile. */
  readonly locate: (path: YamlPath) => Location;
}

/** Finds missing bridges and duplicate addresses in the networks of device and containers. */
export function checkNetworks(networks: WrittenNetworks): Diagnostic[] {
  return [...checkLinks(networks), ...checkAddresses(networks), ...checkPorts(networks)];
}

/**
 * A container does not start if the bridge of a veth interface is missing. A profile without `bridges` makes them in
 * its own scripts, as profiles did before the key existed.
 */
function checkLinks({ bridges, containers }: WrittenNetworks): Diagnostic[] {
  const names = mapsIn(bridges).flatMap(({ value }) => textAt(value, 'name') ?? []);
  if (names.length === 0) return [];
  const found: Diagnostic[] = [];
  for (const { value, path, locate } of interfacesOf(containers)) {
    const link = textAt(value, 'link');
    if (textAt(value, 'type') !== 'veth' || link === undefined || names.includes(link)) continue;
    const near = didYouMean(link, names);
    found.push({
      location: locate([...path, 'link']),
      message: `the profile has no bridge "${link}"`,
      help:
        near === undefined
          ? `add "- { name: ${link} }" to bridges of the board profile, with "external: true" if your own script makes it`
          : `did you mean "${near}"?`,
    });
  }
  return found;
}

/** Finds addresses that occur twice on one bridge. */
function checkAddresses({ bridges, containers, locate }: WrittenNetworks): Diagnostic[] {
  const found: Diagnostic[] = [];
  const taken = new Map<string, Location>();
  const take = (bridge: string, cidr: unknown, place: Location): void => {
    if (typeof cidr !== 'string') return;
    const address = cidr.replace(/\/.*$/, '');
    const key = `${bridge} ${address}`;
    const first = taken.get(key);
    if (first === undefined) taken.set(key, place);
    else {
      const message = `${address} is already taken on the bridge "${bridge}", in ${first.file}:${first.line}`;
      found.push({ location: place, message, help: 'give each interface an address of its own' });
    }
  };
  for (const { value, path } of mapsIn(bridges))
    take(textAt(value, 'name') ?? '', value['ipv4'], locate(['bridges', ...path, 'ipv4']));
  for (const { value, path, locate: locateOwn } of interfacesOf(containers)) {
    const link = textAt(value, 'link');
    if (textAt(value, 'type') !== 'veth' || link === undefined) continue;
    const written = value['ipv4'];
    if (!Array.isArray(written)) take(link, written, locateOwn([...path, 'ipv4']));
    else for (const [i, one] of written.entries()) take(link, one, locateOwn([...path, 'ipv4', i]));
  }
  return found;
}

/** Finds ports of a bridge with an address of their own; packets that arrive there belong to the bridge. */
function checkPorts({ bridges, interfaces, locate }: WrittenNetworks): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { value, path } of mapsIn(interfaces)) {
    const name = textAt(value, 'name');
    const owner = mapsIn(bridges).find(
      (bridge) => Array.isArray(bridge.value['attach']) && bridge.value['attach'].includes(name),
    );
    if (name === undefined || owner === undefined) continue;
    found.push({
      location: locate(['interfaces', ...path, 'name']),
      message: `${name} is a port of the bridge "${textAt(owner.value, 'name') ?? ''}", so it cannot have an address of its own`,
      help: 'give the address to the bridge',
    });
  }
  return found;
}

interface WrittenMap {
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: YamlPath;
}

function interfacesOf(
  containers: readonly WrittenContainer[],
): (WrittenMap & Pick<WrittenContainer, 'locate'>)[] {
  return containers.flatMap(({ value, locate }) => {
    if (typeof value !== 'object' || value === null) return [];
    const network = (value as Record<string, unknown>)['network'];
    return mapsIn(network).map(({ value: one, path }) => ({
      value: one,
      path: ['network', ...path],
      locate,
    }));
  });
}

/** Returns the entries of a list that are mappings, each with its index. */
function mapsIn(list: unknown): WrittenMap[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, index) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [{ value: value as Record<string, unknown>, path: [index] }]
      : [],
  );
}

function textAt(value: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const text = value[key];
  return typeof text === 'string' ? text : undefined;
}
