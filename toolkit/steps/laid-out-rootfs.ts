import type { ConfinedContainer } from '../confinement/confined-container.ts';

/** The manifest of a part of the rootfs. */
export interface LaidOutRootfs {
  readonly manifestFile: string;
}

/** The root filesystem with its containers, and what confines each of them. */
export interface EmittedContainers extends LaidOutRootfs {
  readonly containers: readonly ConfinedContainer[];
}
