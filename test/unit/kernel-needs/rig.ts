import type { BoardDescription } from '../../../toolkit/kernel-needs/board-description.ts';
import { describeContainer } from '../../../toolkit/opened-board/describe-board.ts';
import { containerFrom } from '../containers/rig.ts';

/** The smallest container: no console, no /dev, no network of its own. */
export const SMALLEST = 'console: none, autodev: false, network: [{ type: none }]';

/** A board with nothing but containers, written as YAML; Linux 6.1, LXC 5.0, cgroup v2. */
export function boardWith(
  containers: readonly string[],
  changes: Partial<BoardDescription> = {},
): BoardDescription {
  return {
    kernelVersion: '6.1.161',
    lxcVersion: '5.0.2',
    containers: containers.map((yaml) => describeContainer(containerFrom(yaml))),
    cgroup: 'v2',
    bridges: [],
    interfaces: [],
    architecture: { needs: [] },
    images: [],
    machine: undefined,
    keepsChanges: true,
    fromNothing: false,
    ...changes,
  };
}
