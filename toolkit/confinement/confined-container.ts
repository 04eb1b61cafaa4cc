import { mapsOf, type IdMap } from '../lxc-keys/id-map-lines.ts';
import type { FittedContainer, MissingMeasure } from './fit-device.ts';

/** The state of a container on its device: its IDs, and what it lacks to confine its root. */
export interface ConfinedContainer {
  readonly name: string;
  /** Whether it has no user namespace of its own. */
  readonly privileged: boolean;
  /** Its user and group IDs on the device; empty for a privileged container. */
  readonly idmap: readonly IdMap[];
  /** The measures that it does not have. */
  readonly missing: readonly MissingMeasure[];
}

/** Describes a container as its device has it. */
export function confinedContainer({ container, missing }: FittedContainer): ConfinedContainer {
  const idmap = mapsOf(container);
  return { name: container.name, privileged: idmap.length === 0, idmap, missing };
}
