import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, printed, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.write(
    'boards/vendor.config',
    [
      '# Carried along since Linux 3.10.',
      'CONFIG_CPUSETS=y',
      'CONFIG_NF_NAT_IPV4=y',
      'CONFIG_DEVPTS_MULTIPLE_INSTANCES=y',
      'CONFIG_X86_MSR=y',
      'CONFIG_VETTH=y',
      'CONFIG_VETH=m',
      'CONFIG_PIDS_OF_NOBODY=y',
      '# CONFIG_GONE_AND_OFF is not set',
      'CONFIG_PCI=y',
      'CONFIG_USER_NS=n',
      '',
    ].join('\n'),
  );
  project.writeBoard('box', { hardening: 'off', kernel: { fragments: ['lxc', './vendor.config'] } });
  // Another architecture's symbols, as every kernel has them.
  await project.changeSource('kernel', (dir) => {
    project.write(`${dir.slice(project.dir.length + 1)}/arch/x86/Kconfig`, 'config X86_MSR\n\tbool "MSR"\n');
  });
});

test('audit lists every request with its final value, by class', async () => {
  const result = await project.run(['kconfig', 'audit', '--board', 'box']);
  await expect(printed(project, result.stdout)).toMatchFileSnapshot('printed/kconfig-audit.txt');
  expect(result.exitCode, result.stderr).toBe(0);
});

test('audit --json has the same', async () => {
  const result = await project.run(['kconfig', 'audit', '--board', 'box', '--json']);
  expect(result.exitCode, result.stderr).toBe(0);
  const report = JSON.parse(result.stdout) as {
    findings: { symbol: string; kind: string; location: { file: string; line: number } }[];
  };
  expect(report).toMatchObject({
    board: 'box',
    tree: 'kernel',
    version: '6.1.999',
    counts: { required: 0, lost: 1, changed: 1, unknown: 5, overridden: 2 },
  });
  expect(report.findings.find(({ symbol }) => symbol === 'CONFIG_NF_NAT_IPV4')).toMatchObject({
    kind: 'unknown',
    requested: 'y',
    final: 'n',
    location: { file: 'boards/vendor.config', line: 3 },
    inTree: false,
    instead: ['CONFIG_NF_NAT'],
    advice: 'write CONFIG_NF_NAT (since Linux 5.1: NAT has IPv4 and IPv6 built in)',
  });
  expect(report.findings.filter(({ kind }) => kind === 'overridden')).toMatchObject([
    { symbol: 'CONFIG_USER_NS', overriddenBy: { value: 'n', location: { file: 'boards/vendor.config' } } },
    { symbol: 'CONFIG_VETH', location: { file: 'kconfig-fragments/lxc.config' } },
  ]);
});

test('a required symbol that is lost ends it with exit code 4, after the table', async () => {
  project.writeBoard('strict', {
    kernel: { fragments: ['lxc', './vendor.config'], require: ['CONFIG_CPUSETS', 'CONFIG_NO_SUCH_NEED'] },
  });
  const result = await project.run(['kconfig', 'audit', '--board', 'strict']);
  expect(result.exitCode).toBe(4);
  expect(result.stdout).toMatch(/^required, but not set: a build stops here \(2\)$/m);
  await expect(message(project, result)).toMatchFileSnapshot('printed/kconfig-audit-required.txt');
  const json = await project.run(['kconfig', 'audit', '--board', 'strict', '--json']);
  expect(json.exitCode).toBe(4);
  expect(JSON.parse(json.stdout)).toMatchObject({ counts: { required: 2 } });
});

test('a board whose requests all came out says so', async () => {
  project.writeBoard('soft', { hardening: 'off' });
  const result = await project.run(['kconfig', 'audit', '--board', 'soft']);
  expect(result).toMatchObject({ exitCode: 0 });
  expect(result.stdout).toMatch(/^soft, kernel 6\.1\.999: (\d+) symbols asked for, \1 came out as asked\n$/);
});

test("--busybox is for BusyBox's configuration", async () => {
  project.write('boards/busybox.config', 'CONFIG_PIE=y\nCONFIG_CATT=y\nCONFIG_CAT=y\n');
  project.writeBoard('applets', { busybox: { fragments: ['static', './busybox.config'] } });
  const result = await project.run(['kconfig', 'audit', '--board', 'applets', '--busybox']);
  expect(result.exitCode, result.stderr).toBe(0);
  await expect(printed(project, result.stdout)).toMatchFileSnapshot('printed/kconfig-audit-busybox.txt');
});

test('a file that the configuration starts from is the first layer', async () => {
  project.write(
    'boards/box.config',
    [
      '# Linux/mips 3.14.28 Kernel Configuration',
      'CONFIG_MIPS=y',
      'CONFIG_BMIPS_GENERIC=y',
      'CONFIG_MODULES=y',
      'CONFIG_MODULE_UNLOAD=y',
      'CONFIG_HAVE_OLD_THING=y',
      'CONFIG_CGROUP_MEM_RES_CTLR=y',
      'CONFIG_VENDOR_TUNER=y',
      'CONFIG_DUMMY=m',
      'CONFIG_NET=y',
      'CONFIG_IPV6=y',
      '# CONFIG_TMPFS is not set',
      '',
    ].join('\n'),
  );
  project.write(
    'boards/malta.config',
    'CONFIG_MIPS_MALTA=y\nCONFIG_CPU_LITTLE_ENDIAN=y\nCONFIG_TMPFS=y\nCONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\n',
  );
  project.writeBoard('vendor', {
    hardening: 'off',
    kernel: { defconfig: './box.config', fragments: ['lxc', './malta.config'] },
  });
  const result = await project.run(['kconfig', 'audit', '--board', 'vendor']);
  await expect(printed(project, result.stdout)).toMatchFileSnapshot('printed/kconfig-audit-base.txt');
  expect(result.exitCode, result.stderr).toBe(0);
  const json = await project.run(['kconfig', 'audit', '--board', 'vendor', '--json']);
  const { findings } = JSON.parse(json.stdout) as {
    findings: { symbol: string; kind: string; about?: string }[];
  };
  const kinds = new Map(findings.map(({ symbol, kind, about }) => [symbol, `${kind} ${about ?? ''}`.trim()]));
  expect(kinds.get('CONFIG_DUMMY')).toBe('dropped');
  expect(kinds.get('CONFIG_HAVE_OLD_THING')).toBe('computed');
  expect(kinds.get('CONFIG_CGROUP_MEM_RES_CTLR')).toBe('unknown containers');
});

test("BusyBox's file is a layer too", async () => {
  project.write('boards/bb.config', 'CONFIG_CAT=y\nCONFIG_CATT=y\n# CONFIG_LS is not set\n');
  project.writeBoard('bbfile', { busybox: { config: './bb.config' } });
  const result = await project.run(['kconfig', 'audit', '--board', 'bbfile', '--busybox']);
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stdout).toMatch(/^unknown: .*\n {2}CONFIG_CATT=y +boards\/bb\.config:2$/m);
});

test("--emulator is for the emulator's kernel, and only where there is one", async () => {
  const none = await project.run(['kconfig', 'audit', '--board', 'fake', '--emulator']);
  expect(none.exitCode).toBe(2);
  expect(none.stderr).toContain('error: fake has no separate kernel for the emulator [USAGE]\n');
  project.writeBoard('two', {
    emulator: { kernel: { defconfig: 'malta_defconfig', fragments: ['malta'] } },
  });
  const two = await project.run(['kconfig', 'audit', '--board', 'two', '--emulator']);
  expect(two.stdout, two.stderr).toMatch(/^two, emulator-kernel 6\.1\.999: /);
});

test('nothing is built, nothing of a build is touched, and no scratch directory is left', async () => {
  project.writeBoard('clean', {});
  await project.run(['kconfig', 'audit', '--board', 'clean']);
  expect(project.listOut('clean').filter((path) => /^(?:images|config)\//.test(path))).toEqual([]);
  expect(project.listOut('clean').filter((path) => path.includes('kconfig-'))).toEqual([]);
  expect(project.listOut('clean')).toContain('logs/kconfig.log');
  expect(project.changedSources()).toEqual([]);
});
