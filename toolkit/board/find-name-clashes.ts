import type { Diagnostic, Location } from '../base/diagnostic.ts';
import type { YamlPath } from '../yaml/locate-issue.ts';

/** A container as written, valid or not. */
export interface WrittenContainer {
  readonly value: unknown;
  readonly locate: (path: YamlPath) => Location;
}

/** Finds containers with the same name or the same path on the device. */
export function findNameClashes(containers: readonly WrittenContainer[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const names = new Map<string, Location>();
  const places = new Map<string, Location>();
  for (const { value, locate } of containers) {
    const name = textAt(value, 'name');
    if (name === undefined) continue;
    const sameName = names.get(name);
    if (sameName !== undefined) {
      const message = `the container name "${name}" is already taken in ${sameName.file}:${sameName.line}`;
      found.push({ location: locate(['name']), message, help: 'give each container its own name' });
      continue;
    }
    names.set(name, locate(['name']));
    const place = textAt(mapAt(value, 'rootfs'), 'path') ?? `/opt/lxc/${name}`;
    const samePlace = places.get(place);
    if (samePlace === undefined) places.set(place, locate(['rootfs', 'path']));
    else {
      const message = `the rootfs path "${place}" is already taken in ${samePlace.file}:${samePlace.line}`;
      found.push({
        location: locate(['rootfs', 'path']),
        message,
        help: 'give each container its own path',
      });
    }
  }
  return found;
}

function mapAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const text = mapAt(value, key);
  return typeof text === 'string' ? text : undefined;
}
