import type { Diagnostic } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { bytesIn } from '../cgroups/cgroup-settings.ts';
import { NO_LIMIT } from '../cgroups/no-limit.ts';
import type { Locate } from '../lxc-keys/problem-list.ts';

/** Warns when the memory limits of all containers together are more than the memory of the device. */
export function memoryWarnings(
  containers: readonly ContainerDefinition[],
  /** A size such as `256M`; empty when it is not known. */
  deviceMemory: string,
  placeOf: (container: number) => Locate,
): Diagnostic[] {
  const available = bytesIn(deviceMemory);
  const limits = containers.map(({ limits: { memory = NO_LIMIT } }) => bytesIn(memory) ?? 0);
  const sum = limits.reduce((total, one) => total + one, 0);
  if (available === undefined || sum <= available) return [];
  const largest = limits.indexOf(Math.max(...limits));
  const location = placeOf(largest)(['limits', 'memory']);
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)}M`;
  return [
    {
      ...(location === undefined ? {} : { location }),
      message: `the memory limits of all containers are ${megabytes(sum)} together, and the device has ${deviceMemory}: it can run out of memory before a container reaches its limit`,
      help: 'lower limits.memory of a container, or defaults.container.limits.memory of the board profile',
    },
  ];
}
