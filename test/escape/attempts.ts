import type { Attempt, RootKind } from './attempt.ts';
import { cgroupAttempts } from './attempts/cgroups.ts';
import { deviceAttempts } from './attempts/devices.ts';
import { kernelAttempts } from './attempts/kernel.ts';
import { mountAttempts } from './attempts/mounts.ts';
import { namespaceAttempts } from './attempts/namespaces.ts';
import { networkAttempts } from './attempts/network.ts';
import { resourceAttempts } from './attempts/resources.ts';

/** All attempts, in the order in which they are made. */
export const attempts: readonly Attempt[] = [
  ...deviceAttempts,
  ...mountAttempts,
  ...namespaceAttempts,
  ...cgroupAttempts,
  ...kernelAttempts,
  ...networkAttempts,
  ...resourceAttempts,
];

/** The kernel and the root that attempts are made on. */
export interface Surroundings {
  readonly root: RootKind;
  readonly cgroup: 'v1' | 'v2';
  /** The final .config, full names to values. */
  readonly config: ReadonlyMap<string, string>;
}

/** Why there is nothing to try; undefined if there is. */
export function notApplicable(attempt: Attempt, { root, cgroup, config }: Surroundings): string | undefined {
  const missing = (attempt.needs ?? []).filter((symbol) => config.get(`CONFIG_${symbol}`) !== 'y');
  if (missing.length > 0) return `not on this kernel: ${missing.map((name) => `CONFIG_${name}`).join(', ')}`;
  if (attempt.root !== undefined && attempt.root !== root) return `only with the root on ${attempt.root}`;
  if (attempt.cgroup !== undefined && attempt.cgroup !== cgroup) return `only on cgroup ${attempt.cgroup}`;
  return undefined;
}
