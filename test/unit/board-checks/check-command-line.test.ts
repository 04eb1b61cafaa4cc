import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { checkCommandLine } from '../../../toolkit/board-checks/check-command-line.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

const LINE = { file: 'boards/line.config', line: 3, column: 1 };

const limited = (name: string): object => ({
  name,
  kind: 'application',
  rootfs: { path: `/opt/lxc/${name}`, from: 'bind' },
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
  limits: { memory: '8M' },
});

/** Errors, or else warnings, for a board with containers that limit their memory. */
async function findings(
  commandLine: string,
  changes: Readonly<Record<string, string>> = {},
  { names = ['first', 'second'], cgroup = 'v2', inFragment = true } = {},
): Promise<{ readonly refused: readonly string[]; readonly warned: readonly string[] }> {
  const build = await sampleBuild(scratchDir(), { cgroup, containers: names.map(limited) });
  const final = new Map(Object.entries({ CONFIG_CMDLINE: commandLine, ...changes }));
  try {
    return {
      refused: [],
      warned: checkCommandLine(build, { final, ...(inFragment ? { location: LINE } : {}) }),
    };
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    expect(error.code).toBe('SYMBOL_LOST');
    return { refused: error.diagnostics.map(formatDiagnostic), warned: [] };
  }
}

test('a command line that takes the memory controller away is refused once for all containers', async () => {
  const { refused } = await findings('"quiet cgroup_disable=memory"');
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatch(
    /^boards\/line\.config:3:1 CONFIG_CMDLINE has cgroup_disable=memory: the kernel then has no memory controller for cgroup v2, and first and second set limits with it \(boards\/sample\.yaml:1:\d+\)\n {2}help: remove cgroup_disable=memory from CONFIG_CMDLINE$/,
  );
});

test('where no fragment has the line, the limit of the container is shown', async () => {
  const { refused } = await findings('"cgroup_disable=memory"', {}, { names: ['only'], inFragment: false });
  expect(refused[0]).toMatch(/^boards\/sample\.yaml:1:\d+ CONFIG_CMDLINE has cgroup_disable=memory: /);
  expect(refused[0]).toContain('and only sets limits with it (');
});

test('where the boot loader may give another line, it is a warning', async () => {
  const { refused, warned } = await findings('"cgroup_disable=memory"', {
    CONFIG_CMDLINE_FROM_BOOTLOADER: 'y',
  });
  expect(refused).toEqual([]);
  expect(warned).toEqual([expect.stringContaining('CONFIG_CMDLINE has cgroup_disable=memory')]);
});

test('escaped quotes within the string are read as the kernel reads them', async () => {
  const { refused } = await findings('"root=\\"/dev/sda 1\\" cgroup_disable=\\"memory\\""');
  expect(refused).toHaveLength(1);
});

test.each<[string, Parameters<typeof findings>]>([
  ['no controller is switched off', ['"quiet"']],
  ['it is not one that a container uses', ['"cgroup_disable=pids"']],
  ['the kernel does not use it', ['"cgroup_disable=memory"', { CONFIG_CMDLINE_BOOL: 'n' }]],
  ['there is none', ['""']],
  ['no container has a limit', ['"cgroup_disable=memory"', {}, { names: [] }]],
  ['it is about the other version of cgroups', ['"cgroup_no_v1=memory"']],
])('nothing is said where %s', async (_why, given) => {
  expect(await findings(...given)).toEqual({ refused: [], warned: [] });
});

test('on a board with cgroup v1 both parameters count', async () => {
  const { refused } = await findings('"cgroup_no_v1=all"', {}, { cgroup: 'v1' });
  expect(refused[0]).toContain('the kernel then has no memory controller for cgroup v1');
});
