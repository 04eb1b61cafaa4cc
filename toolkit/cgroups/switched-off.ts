/** Kernel parameters that disable controllers (kernel-parameters.txt; kernel/cgroup/cgroup.c, cgroup-v1.c). */
const PARAMETERS: readonly {
  readonly name: string;
  readonly versions: readonly string[];
  readonly all: boolean;
}[] = [
  { name: 'cgroup_disable', versions: ['v1', 'v2'], all: false },
  // The controller then has no v1 hierarchy, but works on v2.
  { name: 'cgroup_no_v1', versions: ['v1'], all: true },
];

/** The kernel accepts both names of this controller. */
const OTHER_NAMES: Readonly<Record<string, string>> = { io: 'blkio', blkio: 'io' };

/** Returns the word of a kernel's command line that disables a controller for a cgroup version, if there is one. */
export function switchedOffBy(
  commandLine: string,
  controller: string,
  version: 'v1' | 'v2',
): string | undefined {
  return commandLine.split(/\s+/).find((word) => {
    const [name = '', list = ''] = word.replaceAll('"', '').split('=');
    const parameter = PARAMETERS.find((one) => one.name === name && one.versions.includes(version));
    if (parameter === undefined) return false;
    return list
      .split(',')
      .some(
        (one) => one === controller || one === OTHER_NAMES[controller] || (parameter.all && one === 'all'),
      );
  });
}
