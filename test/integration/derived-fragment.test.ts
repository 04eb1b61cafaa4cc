import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, buildWell, message, plannedSteps, printed, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

/** A container with something of everything. */
const web = {
  name: 'web',
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
  network: [{ type: 'veth', link: 'br0', ipv4: '10.0.0.2/24' }],
  mounts: [{ type: 'overlay', to: '/data', options: ['create=dir'] }],
  limits: { memory: '32M', cpus: '0' },
  devices: { allow: ['null'] },
};

/** Makes the bridge that the profile calls external. */
const rootfs = { overlays: ['./own'] };

beforeAll(async () => {
  project = await create();
  project.write('boards/own/etc/init.d/S10bridge', '#!/bin/sh\nbrctl addbr br0\n');
  chmodSync(`${project.dir}/boards/own/etc/init.d/S10bridge`, 0o755);
  project.writeBoard('derived', {
    kernel: { defconfig: 'allnoconfig', fragments: ['derived'] },
    containers: [web],
    bridges: [{ name: 'br0', external: true }],
    rootfs,
    images: ['cpio.gz', 'squashfs'],
  });
});

describe('kconfig derive', () => {
  const derive = (...args: string[]) => project.run(['kconfig', 'derive', ...args]);

  test('prints the fragment for any version, and looks at no source', async () => {
    project.writeBoard('sourceless', {
      cgroup: 'v1',
      kernel: { sources: [{ path: '../nothing' }], defconfig: 'allnoconfig' },
      lxc: { sources: [{ path: '../nothing' }] },
      containers: [web],
      bridges: [{ name: 'br0', external: true }],
      rootfs,
      images: ['cpio.gz', 'squashfs'],
    });
    const given = ['--kernel-version', '6.12.107', '--lxc-version', '6.0.6'];
    const { exitCode, stdout, stderr } = await derive('--board', 'sourceless', ...given);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('printed/derived-v1-6.12.config');
    expect(existsSync(project.outDir('sourceless'))).toBe(false);
  });

  test('prints it for the versions of the sources', async () => {
    const { exitCode, stdout } = await derive('--board', 'derived');
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('printed/derived-v2.config');
  });

  test('writes what it would print into a file', async () => {
    const { stdout } = await derive('--board', 'derived');
    const written = await derive('--board', 'derived', '--write', 'made/own.config');
    expect(written.exitCode).toBe(0);
    expect(written.stdout).toBe('');
    expect(written.stderr).toContain('written: made/own.config');
    expect(project.read('made/own.config')).toBe(stdout);
  });

  test("knows the emulator's kernel, which runs on the machine, from the board's own, which does not", async () => {
    project.writeBoard('two', {
      kernel: { defconfig: 'bmips_stb_defconfig' },
      emulator: { kernel: { defconfig: 'allnoconfig' } },
    });
    const [own, emulated] = [await derive('--board', 'two'), await derive('--board', 'two', '--emulator')];
    expect(own.stdout).not.toMatch(/MIPS_MALTA|EXPERT|VIRTIO/);
    expect(emulated.stdout).toMatch(
      /^# the emulator: the kernel must be built for this machine\nCONFIG_MIPS_MALTA=y$/m,
    );
    expect(emulated.stdout).toContain("the emulator's kernel of two");
  });

  test.each([
    ['no-emulator', ['--board', 'derived', '--emulator']],
    ['version', ['--board', 'derived', '--kernel-version', 'newest']],
    ['unwritable', ['--board', 'derived', '--write', 'a-folder']],
  ])('refuses what it cannot do: %s', async (name, args) => {
    mkdirSync(`${project.dir}/a-folder`, { recursive: true });
    const failed = await derive(...args);
    expect(failed.exitCode).toBe(2);
    expect(failed.stdout).toBe('');
    await expect(message(project, failed)).toMatchFileSnapshot(`printed/derive-${name}.txt`);
  });
});

describe('fragments: [derived]', () => {
  test('gives a kernel from allnoconfig everything that is declared, and nothing is lost', async () => {
    const { events } = await buildWell(project, [], { board: 'derived' });
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
    const config = project.read('out/derived/config/kernel.config').split('\n');
    for (const symbol of ['VETH', 'BRIDGE', 'OVERLAY_FS', 'MEMCG', 'CPUSETS', 'CGROUP_BPF', 'SQUASHFS_ZLIB'])
      expect(config).toContain(`CONFIG_${symbol}=y`);
    // The hand-made fragments set these, but nothing here needs them.
    for (const symbol of ['MACVLAN', 'CFS_BANDWIDTH', 'EXT4_FS', 'CGROUP_FREEZER'])
      expect(config).not.toContain(`CONFIG_${symbol}=y`);
    const findings = JSON.parse(project.read('out/derived/config/kernel.audit.json')) as { kind: string }[];
    expect(findings.filter(({ kind }) => kind !== 'optional')).toEqual([]);
  });

  test('is merged where it stands: a later fragment wins, and the error names the origin of each request', async () => {
    project.write('boards/before.config', '# CONFIG_VETH is not set\n');
    project.write('boards/after.config', '# CONFIG_NETDEVICES is not set\n');
    project.writeBoard('mixed', {
      extends: ['derived.yaml'],
      kernel: { fragments: ['./before.config', 'derived', './after.config'] },
    });
    const failed = await project.run(['build', '--board', 'mixed', '--until', 'configure-kernel']);
    expect(failed.exitCode).toBe(4);
    await expect(message(project, failed)).toMatchFileSnapshot('printed/derived-overridden.txt');
  });

  test('reports a missing symbol that is only wanted, and goes on with the build', async () => {
    project.writeBoard('silent', { extends: ['derived.yaml'], kernel: { config: { CONFIG_PRINTK: 'n' } } });
    const built = await project.run(['build', '--board', 'silent', '--until', 'configure-kernel']);
    expect(built.exitCode, built.stderr).toBe(0);
    expect(message(project, built)).toContain(
      "CONFIG_PRINTK asked =n in boards/silent.yaml:9, final: not set (wanted for the kernel's messages)",
    );
  });

  test('is part of the fingerprint', async () => {
    await buildWell(project, [], { board: 'derived' });
    expect(await plannedSteps(project, [], 'derived')).toEqual([]);
    project.writeBoard('derived', {
      kernel: { defconfig: 'allnoconfig', fragments: ['derived'] },
      containers: [{ ...web, network: [{ type: 'macvlan', link: 'eth0' }] }],
      images: ['cpio.gz', 'squashfs'],
    });
    const { ran, events } = await build(project, ['--until', 'build-kernel'], { board: 'derived' });
    expect(ran).toEqual(['build-kernel', 'check-versions', 'configure-kernel']);
    const reasons = events.find(({ type, step }) => type === 'step-finished' && step === 'configure-kernel');
    expect(reasons?.['reason']).toBe('setting derived changed; setting required changed');
    expect(project.read('out/derived/config/kernel.config')).toMatch(/^CONFIG_MACVLAN=y$/m);
    expect(project.read('out/derived/config/kernel.config')).not.toMatch(/^CONFIG_VETH=y$/m);
  });

  test('a release of LXC that needs nothing else of the kernel leaves the kernel alone', async () => {
    await buildWell(project, [], { board: 'derived' });
    await project.changeSource('lxc', (dir) => {
      const file = `${dir}/meson.build`;
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(/version\s*:\s*'5\.0\.\d+'/, "version: '5.0.99'"));
    });
    const { ran } = await build(project, [], { board: 'derived' });
    expect(ran).toContain('fetch-lxc');
    expect(ran).not.toContain('configure-kernel');
  });

  test('is no fragment of BusyBox, and a misspelt name is reported', async () => {
    project.writeBoard('slips', {
      kernel: { fragments: ['derivd'] },
      busybox: { fragments: ['derived'] },
    });
    const failed = await project.run(['plan', '--board', 'slips']);
    expect(failed.exitCode).toBe(2);
    await expect(printed(project, failed.stderr)).toMatchFileSnapshot('printed/derived-slips.txt');
  });
});
