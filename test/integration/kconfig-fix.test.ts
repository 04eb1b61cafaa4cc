import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CliResult } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, leftovers, message, printed, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.write(
    'boards/vendor.config',
    [
      'CONFIG_CGROUPS=y',
      'CONFIG_CPUSETS=y',
      'CONFIG_IP_NF_TARGET_MASQUERADE=y',
      'CONFIG_SECCOMP_FILTER=y',
      'CONFIG_UBIFS_FS=y',
      'CONFIG_NR_CPUS=2',
      '',
    ].join('\n'),
  );
  project.writeBoard('box', { kernel: { fragments: ['./vendor.config'] } });
  project.writeBoard('whole', { kernel: { fragments: ['lxc'] } });
});

const fix = (board: string, ...args: string[]): Promise<CliResult> =>
  project.run(['kconfig', 'fix', '--board', board, ...args]);

/** Everything that was printed, to both. */
const shown = (result: CliResult): string =>
  `exit code ${result.exitCode}\n--- stdout\n${printed(project, result.stdout)}--- stderr\n${message(project, result)}`;

describe('fix', () => {
  test('prints lines for all that was lost, each proven, and what else changes', async () => {
    await expect(shown(await fix('box'))).toMatchFileSnapshot('printed/kconfig-fix.txt');
  });

  test('gives the same as JSON', async () => {
    const { exitCode, stdout, stderr } = await fix('box', '--json');
    expect(exitCode, stderr).toBe(0);
    await expect(stdout).toMatchFileSnapshot('printed/kconfig-fix.json');
  });

  test('writes them to a fragment, with which a build loses nothing', async () => {
    const written = await fix('box', '--write', 'boards/found.config');
    expect(written.exitCode, written.stderr).toBe(0);
    expect(written.stdout).toBe('');
    expect(written.stderr).toContain("written: boards/found.config; name it in the profile's fragments\n");
    const { stdout } = await fix('box');
    expect(project.read('boards/found.config')).toBe(stdout);

    project.writeBoard('mended', {
      kernel: { fragments: ['./vendor.config', './found.config'], require: ['CONFIG_CPUSETS'] },
    });
    const { events } = await buildWell(project, ['--until', 'configure-kernel'], { board: 'mended' });
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
    const config = project.read('out/mended/config/kernel.config');
    for (const line of [
      'CPUSETS=y',
      'IP_NF_TARGET_MASQUERADE=y',
      'SECCOMP_FILTER=y',
      'UBIFS_FS=y',
      'NR_CPUS=2',
    ])
      expect(config).toContain(`CONFIG_${line}\n`);
    await expect(shown(await fix('mended'))).toMatchFileSnapshot('printed/kconfig-fix-nothing.txt');
  });

  test('says that there is nothing to fix', async () => {
    const { exitCode, stdout, stderr } = await fix('whole', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ lines: [], results: [], changes: [] });
    expect(stderr).toContain('no symbol is lost: there is nothing to fix\n');
    const written = await fix('whole', '--write', 'boards/none.config');
    expect(written.exitCode).toBe(0);
    expect(existsSync(`${project.dir}/boards/none.config`)).toBe(false);
  });

  test('finds lines for symbols that were not requested, and for values', async () => {
    const result = await fix(
      'whole',
      'SMP',
      'CONFIG_HZ=1000',
      'CONFIG_DEFAULT_HOSTNAME="my = \\"box\\""',
      'NR_CPUS=3',
    );
    await expect(shown(result)).toMatchFileSnapshot('printed/kconfig-fix-named.txt');
  });

  test('proposes the names of this release for those of another', async () => {
    project.write(
      'boards/renamed.config',
      'CONFIG_CGROUPS=y\nCONFIG_CGROUP_MEM_RES_CTLR=y\nCONFIG_NF_NAT_IPV4=y\nCONFIG_INET=y\nCONFIG_DEVPTS_MULTIPLE_INSTANCES=y\nCONFIG_CGROUP_PIDS=y\n',
    );
    project.writeBoard('renamed', { kernel: { fragments: ['./renamed.config'] } });
    await expect(shown(await fix('renamed'))).toMatchFileSnapshot('printed/kconfig-fix-renamed.txt');
    const { stdout } = await fix('renamed', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      lines: ['CONFIG_USER_NS=y', 'CONFIG_NETFILTER=y', 'CONFIG_NF_CONNTRACK=y', 'CONFIG_NF_NAT=y'],
      renamed: [
        { symbol: 'CONFIG_CGROUP_MEM_RES_CTLR', kind: 'renamed', instead: ['CONFIG_MEMCG'] },
        { symbol: 'CONFIG_NF_NAT_IPV4', kind: 'renamed', instead: ['CONFIG_NF_NAT'] },
        { symbol: 'CONFIG_DEVPTS_MULTIPLE_INSTANCES', kind: 'needless', instead: [] },
      ],
    });
  });

  test('names the release that first has a symbol, exit code 4', async () => {
    const result = await fix('whole', 'JFFS2_FS', 'NETKIT');
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain('CONFIG_JFFS2_FS=y\n');
    expect(result.stderr).toContain(
      'CONFIG_NETKIT: this kernel does not have it yet (since Linux 6.7: the netkit driver was added)\n',
    );
  });

  test('counts a required symbol that is not requested as lost', async () => {
    project.writeBoard('needy', { kernel: { fragments: ['lxc'], require: ['CONFIG_JFFS2_FS'] } });
    await expect(shown(await fix('needy'))).toMatchFileSnapshot('printed/kconfig-fix-required.txt');
  });

  test('looks at BusyBox with --busybox', async () => {
    project.write(
      'boards/busybox.config',
      '# CONFIG_LONG_OPTS is not set\nCONFIG_FEATURE_BRCTL_SHOW=y\n# CONFIG_FEATURE_BRCTL_FANCY is not set\n',
    );
    project.writeBoard('applets', {
      busybox: { config: 'allnoconfig', fragments: ['./busybox.config'] },
    });
    const result = await fix('applets', '--busybox', 'FEATURE_MOUNT_LOOP', 'FEATURE_TAR_LONG_OPTIONS');
    await expect(shown(result)).toMatchFileSnapshot('printed/kconfig-fix-busybox.txt');
  });

  test('leaves nothing behind, and the trees as they are', async () => {
    await fix('box');
    expect(leftovers(project, 'box')).toEqual([]);
    expect(project.listOut('box').filter((path) => path.startsWith('work/'))).toEqual([]);
    expect(project.changedSources()).toEqual([]);
  });
});

test('fix proposes no driver for a bus without a prompt, and names it where nothing else brings the bus', async () => {
  const other = await create();
  await other.changeSource('kernel', () => {
    const text = other.read('sources/kernel/Kconfig');
    const driver = 'config VIRTIO_CONSOLE\n\ttristate "Console"\n\tdepends on TTY\n\tselect VIRTIO\n';
    other.write('sources/kernel/drivers/char/Kconfig', driver);
    other.write('sources/kernel/Kconfig', `${text}\nsource "drivers/char/Kconfig"\n`);
    // This conf reads one file.
    other.write('sources/kernel/Kconfig.conf', `${text}\n${driver}`);
    const run = 'sources/kernel/scripts/kconfig/run-conf.sh';
    other.write(run, other.read(run).replace('$srctree/Kconfig', '$srctree/Kconfig.conf'));
  });
  other.write('boards/vendor.config', 'CONFIG_HW_RANDOM_VIRTIO=y\n');
  const kernel = { fragments: ['./vendor.config'] };
  other.writeBoard('box', { kernel });
  const withBus = await other.run(['kconfig', 'fix', '--board', 'box']);
  expect(withBus.exitCode, withBus.stderr).toBe(0);
  expect(withBus.stdout).toContain('CONFIG_VIRTIO_PCI=y\n');
  expect(withBus.stdout).not.toContain('CONSOLE');
  other.writeBoard('nopci', { kernel: { ...kernel, config: { CONFIG_PCI: 'n' } } });
  const without = await other.run(['kconfig', 'fix', '--board', 'nopci', 'HW_RANDOM_VIRTIO']);
  expect(without.exitCode).toBe(4);
  expect(without.stderr).toContain(
    'CONFIG_HW_RANDOM_VIRTIO=y: it needs CONFIG_VIRTIO, which has no prompt and comes only with the driver CONFIG_VIRTIO_CONSOLE; if the device has it, name it: lxc-kit kconfig fix VIRTIO_CONSOLE HW_RANDOM_VIRTIO\n',
  );
  const named = await other.run([
    ...['kconfig', 'fix', '--board', 'nopci'],
    ...['VIRTIO_CONSOLE', 'HW_RANDOM_VIRTIO'],
  ]);
  expect(named.exitCode, named.stderr).toBe(0);
  expect(named.stdout).toContain('CONFIG_VIRTIO_CONSOLE=y\n');
});

describe('fix has no lines, exit code 4', () => {
  test('for another machine, for what cannot be, for what there is not', async () => {
    const result = await fix('box', 'CPU_BMIPS', 'PIE', 'SOCK_CGROUP_DATA', 'STP');
    await expect(shown(result)).toMatchFileSnapshot('printed/kconfig-fix-none.txt');
  });

  test('when each way would take away what was asked for', async () => {
    project.write(
      'boards/torn.config',
      'CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_BRIDGE=y\n# CONFIG_IPV6 is not set\n',
    );
    project.writeBoard('torn', { kernel: { fragments: ['./torn.config'] } });
    const result = await fix('torn', 'IPV6', 'SERIAL_8250=n');
    await expect(shown(result)).toMatchFileSnapshot('printed/kconfig-fix-torn.txt');
  });

  test('and prints none that conf itself refuses', async () => {
    // This conf has another mind than the Kconfig file that people read.
    const other = await create();
    other.write('boards/vendor.config', 'CONFIG_CPUSETS=y\nCONFIG_UBIFS_FS=y\n');
    other.writeBoard('box', { kernel: { fragments: ['./vendor.config'] } });
    await other.changeSource('kernel', () => {
      const kconfig = other.read('sources/kernel/Kconfig');
      other.write(
        'sources/kernel/Kconfig.conf',
        kconfig.replace('\tdepends on SMP\n', '\tdepends on SMP && NEVER\n'),
      );
      const run = 'sources/kernel/scripts/kconfig/run-conf.sh';
      other.write(run, other.read(run).replace('$srctree/Kconfig', '$srctree/Kconfig.conf'));
    });
    const result = await other.run(['kconfig', 'fix', '--board', 'box']);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain('CONFIG_MTD=y\nCONFIG_MTD_UBI=y\n');
    expect(result.stdout).not.toContain('SMP');
    expect(result.stderr).toContain(
      'CONFIG_CPUSETS=y: the lines that should give it failed in conf, so they are not printed\n',
    );
    expect(result.stderr).toContain('these lines give 2 of 3 symbols');
  });
});

describe('fix refuses', () => {
  test('--emulator for a board without such a kernel', async () => {
    const result = await fix('box', '--emulator');
    expect(result.exitCode).toBe(2);
    await expect(message(project, result)).toMatchFileSnapshot('printed/kconfig-no-emulator.txt');
  });

  test('a file that cannot be written', async () => {
    const result = await fix('box', '--write', 'boards/vendor.config/below.config');
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('boards/vendor.config');
    expect(result.stderr).not.toMatch(/^ {4}at /m);
  });
});
