import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, listTar, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

/** Builds a board from a defconfig with /proc/kcore; returns the lines of its kernel's final .config. */
async function kernelOf(board: string, changes: Readonly<Record<string, unknown>>): Promise<string[]> {
  project.writeBoard(board, changes);
  const { events } = await buildWell(project, ['--until', 'configure-kernel'], { board });
  // A symbol that this kernel does not have is in the report only.
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  return project.read(`out/${board}/config/kernel.config`).split('\n');
}

test('a board that says nothing has a hardened kernel, and the sysctls', async () => {
  const config = await kernelOf('plain', { images: ['tar.gz'] });
  expect(config).toContain('# CONFIG_DEVMEM is not set');
  expect(config).toContain('CONFIG_SECURITY_DMESG_RESTRICT=y');
  expect(config).toContain('CONFIG_STATIC_USERMODEHELPER_PATH=""');
  const findings = JSON.parse(project.read('out/plain/config/kernel.audit.json')) as {
    symbol: string;
    kind: string;
  }[];
  expect(findings).toContainEqual(
    expect.objectContaining({ symbol: 'CONFIG_HARDENED_USERCOPY', kind: 'optional' }),
  );
  await buildWell(project, [], { board: 'plain' });
  expect(listTar(project, 'plain')).toHaveProperty('/etc/sysctl.d/10-hardening.conf');
});

test('the word off gives a board without', async () => {
  const config = await kernelOf('soft', { hardening: 'off', images: ['tar.gz'] });
  expect(config).toContain('CONFIG_DEVMEM=y');
  expect(config).toContain('# CONFIG_SECURITY_DMESG_RESTRICT is not set');
  await buildWell(project, [], { board: 'soft' });
  expect(listTar(project, 'soft')).not.toHaveProperty('/etc/sysctl.d/10-hardening.conf');
});

test("the profile's own lines win, and what a container needs is there", async () => {
  expect(await kernelOf('debug', { kernel: { config: { CONFIG_PROC_KCORE: 'y' } } })).toContain(
    'CONFIG_PROC_KCORE=y',
  );
  project.write('boards/own.config', '# CONFIG_STATIC_USERMODEHELPER is not set\nCONFIG_DEVMEM=y\n');
  const own = await kernelOf('own', { kernel: { fragments: ['lxc', './own.config'] } });
  expect(own).toContain('# CONFIG_STATIC_USERMODEHELPER is not set');
  expect(own).toContain('CONFIG_DEVMEM=y');
  const memory = {
    name: 'memory',
    kind: 'application',
    rootfs: { path: '/opt/lxc/memory', from: 'bind' },
    command: ['/bin/sh'],
    bind: ['/bin/sh', '/bin/busybox', '/dev/mem'],
  };
  expect(await kernelOf('memory', { containers: [memory] })).toContain('CONFIG_DEVMEM=y');
});

test('a kernel that loads modules can start modprobe', async () => {
  expect(await kernelOf('modules', { kernel: { modules: 'keep' } })).toContain(
    '# CONFIG_STATIC_USERMODEHELPER is not set',
  );
});
