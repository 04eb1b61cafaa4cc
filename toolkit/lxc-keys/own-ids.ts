import type { ContainerDefinition } from '../board/container-schema.ts';

/** Returns the IDs of the container's root on the device; with ID maps they are not 0, and its files must belong to them. */
export function rootInside({ idmap }: Pick<ContainerDefinition, 'idmap'>): {
  readonly uid: number;
  readonly gid: number;
} {
  return { uid: idOnDevice(idmap, 'uid', 0), gid: idOnDevice(idmap, 'gid', 0) };
}

/** Returns the ID on the device of a user or group of the container; without a map it is the same. */
export function idOnDevice(idmap: ContainerDefinition['idmap'], kind: 'uid' | 'gid', id: number): number {
  const map = idmap.find((one) => one.kind === kind && id >= one.container && id < one.container + one.count);
  return map === undefined ? id : map.host + (id - map.container);
}
