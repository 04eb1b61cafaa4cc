import { keyFor } from '../lxc-keys/concept-keys.ts';
import type { DraftDefinition } from './draft-definition.ts';
import { modernName } from '../lxc-config/effective-settings.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { KeepRaw } from './import-mounts.ts';
import { interfaceFields, LOOPBACK_NAME } from '../lxc-config/network-lines.ts';

/** Any release with the newest keys will do. */
const NEWEST = '7.0.0';

/** Imports network settings as the interfaces of a definition, the reverse of `networkLines`. */
export function importNetwork(settings: readonly Setting[], draft: DraftDefinition, keepRaw: KeepRaw): void {
  const indexes = [...new Set(settings.map(({ index }) => index ?? 0))].sort((a, b) => a - b);
  const interfaces = indexes.map((index) => settings.filter((setting) => (setting.index ?? 0) === index));
  // A definition without `network` means the same: only its own loopback.
  if (interfaces.length === 1 && isLoopbackOnly(interfaces[0] ?? [])) return;
  for (const [position, own] of interfaces.entries()) importInterface(position, own, draft, keepRaw);
}

function isLoopbackOnly(settings: readonly Setting[]): boolean {
  const values = new Map(settings.map((setting) => [nameInInterface(setting), setting.value]));
  const name = values.get('name') ?? LOOPBACK_NAME;
  return (
    values.get('type') === 'empty' &&
    name === LOOPBACK_NAME &&
    [...values.keys()].every((key) => ['type', 'name', 'flags'].includes(key))
  );
}

function importInterface(
  position: number,
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
): void {
  const path = ['network', position];
  const named = (name: string): Setting[] => settings.filter((setting) => nameInInterface(setting) === name);
  const [type] = named('type');
  const flags = named('flags');
  const taken = new Set<Setting>(flags);
  if (type === undefined) {
    for (const setting of settings) keepRaw(setting, 'its interface has no type here');
    return;
  }
  taken.add(type);
  draft.set([...path, 'type'], type.value, [type]);
  for (const { key, concept, shape } of interfaceFields) {
    const found = named(suffixOf(keyFor(concept, NEWEST) ?? ''));
    const last = found.at(-1);
    if (last === undefined) continue;
    for (const setting of found) taken.add(setting);
    if (type.value === 'empty' && key === 'name' && last.value === LOOPBACK_NAME) continue;
    if (shape === 'lines') {
      const values = found.map(({ value }) => withoutUsualBroadcast(value));
      draft.set([...path, key], values.length === 1 ? values[0] : values, found);
    } else {
      draft.set([...path, key], shape === 'number' ? Number(last.value) : last.value, [last]);
    }
  }
  // LXC reads any value of `flags` as up. With type none there is nothing to bring up.
  if (flags.length === 0 && type.value !== 'none') draft.set([...path, 'up'], false);
  for (const setting of settings) if (!taken.has(setting)) keepRaw(setting, 'a definition cannot express it');
}

/** Returns the last part of a network key: `veth.pair` of `lxc.net.0.veth.pair`. */
function nameInInterface(setting: Setting): string {
  return suffixOf(modernName(setting));
}

function suffixOf(name: string): string {
  return name.replace(/^lxc\.net\.(?:\d+|\[i\])\./, '');
}

/** Removes the usual broadcast address, as in `10.0.0.2/24 10.0.0.255`: LXC computes it itself. */
function withoutUsualBroadcast(value: string): string {
  const [, address, length, broadcast] = /^([\d.]+)\/(\d+) +([\d.]+)$/.exec(value) ?? [];
  if (address === undefined || broadcast === undefined) return value;
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const usual = Math.floor(number(address) / size) * size + size - 1;
  return number(broadcast) === usual ? `${address}/${length ?? ''}` : value;
}

/** Imports namespaces shared with another container; a definition can express only the network's. */
export function importSharedNetwork(
  settings: readonly Setting[],
  draft: DraftDefinition,
  keepRaw: KeepRaw,
): void {
  for (const setting of settings) {
    if (!setting.key.endsWith('.net')) keepRaw(setting, 'a definition cannot express it');
    // LXC also accepts a process ID.
    else if (/^\d+$/.test(setting.value)) keepRaw(setting, 'a definition names the other container');
    else draft.set(['share-network'], setting.value, [setting]);
  }
}
