import { cpSync, existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeFakeLxc2 } from '../rigs/fake-lxc2.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, message, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let lxc2: string;

const CGROUP_V1 = { cgroup: 'v1', kernel: { fragments: ['lxc', 'cgroup-v1'] } };

beforeAll(async () => {
  project = await create();
  lxc2 = makeFakeLxc2(project.dir);
});

test('a tag of LXC 2.0 is configured by autotools and installed with the helpers it needs', async () => {
  project.writeBoard('old', CGROUP_V1);
  await buildWell(project, ['--source', `lxc=${lxc2}`], { board: 'old' });
  const files = project.listOut('old').filter((path) => path.startsWith('work/build-lxc/target/'));
  expect(files.map((path) => path.replace('work/build-lxc/target/', ''))).toEqual([
    'etc/lxc/default.conf',
    'usr/bin/lxc',
    'usr/bin/lxc-execute',
    'usr/bin/lxc-ls',
    'usr/bin/lxc-start',
    'usr/lib/libcap.so.2',
    'usr/lib/libcap.so.2.66',
    'usr/lib/liblxc.so.1',
    'usr/lib/liblxc.so.1.2.0',
    'usr/libexec/lxc/lxc-monitord',
    'usr/sbin/init.lxc',
    'usr/share/lxc/config/common.conf',
    'usr/share/lxc/templates/lxc-busybox',
  ]);
  const log = project.read('out/old/logs/build-lxc.log');
  expect(log).toContain('sh autogen.sh');
  expect(log).toContain('--disable-gnutls');
  const tools = join(project.dir, 'out/old/work/build-lxc/target/usr/bin');
  expect(readlinkSync(join(tools, 'lxc-start')), 'the tools are one program').toBe('lxc');
  expect(existsSync(join(lxc2, 'configure')), 'the user’s tree stays as it was').toBe(false);
});

test('the profile says where tools and library lie', async () => {
  const lxc = { prefix: '/usr/local', bindir: '/bin', libdir: '/lib' };
  project.writeBoard('elsewhere', { ...CGROUP_V1, lxc });
  await buildWell(project, ['--source', `lxc=${lxc2}`], { board: 'elsewhere' });
  const files = project.listOut('elsewhere').map((path) => path.replace('work/build-lxc/target/', ''));
  expect(files).toEqual(
    expect.arrayContaining(['bin/lxc-start', 'lib/liblxc.so.1', 'usr/local/sbin/init.lxc']),
  );
  expect(project.read('out/elsewhere/logs/build-lxc.log')).toContain(
    '--with-rootfs-path=/usr/local/lib/lxc/rootfs',
  );
});

test('a release that has a configure is not made again', async () => {
  const release = join(project.dir, 'lxc-release');
  cpSync(lxc2, release, { recursive: true });
  cpSync(join(release, 'configure.in'), join(release, 'configure'));
  writeFileSync(join(release, 'autogen.sh'), 'exit 1\n');
  project.writeBoard('release', CGROUP_V1);
  await buildWell(project, ['--source', `lxc=${release}`], { board: 'release' });
  expect(project.read('out/release/logs/build-lxc.log')).not.toContain('autogen.sh');
});

test('a version that is not in the table is built as its neighbour, and that is said', async () => {
  const next = join(project.dir, 'lxc-next');
  cpSync(lxc2, next, { recursive: true });
  writeFileSync(
    join(next, 'configure.ac'),
    'm4_define([lxc_version_major], 2)\nm4_define([lxc_version_minor], 2)\nm4_define([lxc_version_micro], 0)\n',
  );
  project.writeBoard('next', { ...CGROUP_V1, containers: [] });
  const { stderr } = await buildWell(project, ['--source', `lxc=${next}`, '--until', 'build-lxc'], {
    board: 'next',
  });
  expect(stderr).toContain("LXC 2.2.0 is not in lxc-kit's table; it is built as 2.1");
});

test('a source of another version than the profile says', async () => {
  project.writeBoard('other-version', {
    ...CGROUP_V1,
    lxc: { sources: [{ path: '../lxc-2.0.8', version: '4.0.12' }] },
  });
  const failed = await project.run(['build', '--board', 'other-version', '--until', 'build-lxc']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/lxc-other-version.txt');
});

test('features that are not available are refused where the profile asks for them', async () => {
  project.writeBoard('features', { lxc: { features: ['selinux', 'landlock'] } });
  const failed = await project.run(['build', '--board', 'features', '--until', 'build-lxc']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/lxc-features.txt');
});

test('seccomp brings libseccomp, and the changes without which LXC forbids sockets', async () => {
  project.writeBoard('filtered', { lxc: { features: ['seccomp'] } });
  await buildWell(project, ['--until', 'build-lxc'], { board: 'filtered' });
  expect(project.listOut('filtered')).toContain('work/build-lxc/target/usr/lib/libseccomp.so.2.5.4');
  expect(project.read('out/filtered/logs/build-lxc.log')).toContain('-Dseccomp=true');
  expect(project.read('out/filtered/work/build-lxc/tree/src/lxc/seccomp.c')).toContain(
    'if (nr < 0 && arch == SCMP_ARCH_NATIVE && (rule->args_num > 0 || nr <= -1000 || ',
  );
});

test('seccomp of LXC 1.1 is refused with the reason', async () => {
  const old = join(project.dir, 'lxc-1.1.5');
  cpSync(lxc2, old, { recursive: true });
  writeFileSync(
    join(old, 'configure.ac'),
    'm4_define([lxc_version_major], 1)\nm4_define([lxc_version_minor], 1)\nm4_define([lxc_version_micro], 5)\n',
  );
  project.writeBoard('seccomp', { ...CGROUP_V1, containers: [], lxc: { features: ['seccomp'] } });
  const failed = await project.run([
    ...['build', '--board', 'seccomp', '--until', 'build-lxc', '--source', `lxc=${old}`],
  ]);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/lxc-seccomp.txt');
});
