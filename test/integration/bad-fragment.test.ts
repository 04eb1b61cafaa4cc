import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, leftovers, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

test('malformed lines are all listed, with file and line', async () => {
  project.write(
    'boards/vendor.config',
    ['CONFIG_TUN=y', 'CONFIG_VETH = y', 'VLAN_8021Q=y', '# CONFIG_IPV6 not set', 'CONFIG_HZ=fast', ''].join(
      '\n',
    ),
  );
  project.writeBoard('bad', { kernel: { fragments: ['lxc', './vendor.config'] } });
  const failed = await project.run(['build', '--board', 'bad']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/fragment-malformed.txt');
  expect(stampedSteps(project, 'bad')).not.toContain('configure-kernel');
  expect(leftovers(project, 'bad')).toEqual([]);
});

test('a merge conflict, a file of another system and one that is no text', async () => {
  project.write(
    'boards/conflict.config',
    '\uFEFFCONFIG_TUN=y\r\n<<<<<<< HEAD\r\nCONFIG_VETH=y\r\n=======\r\n>>>>>>> x\r\n',
  );
  project.write('boards/binary.config', 'CONFIG_TUN=y\nCONFIG_\0=y\n');
  project.write('boards/page.config', '<p>moved</p>\n'.repeat(10_000));
  project.writeBoard('bad', {
    kernel: { fragments: ['lxc', './conflict.config', './binary.config', './page.config'] },
  });
  const failed = await project.run(['build', '--board', 'bad', '--until', 'configure-kernel']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/fragment-no-fragment.txt');
});

test('a symbol that stands in a fragment twice is warned of, and the last line counts', async () => {
  project.write(
    'boards/twice.config',
    'CONFIG_TUN=y\nCONFIG_MACVLAN=y\n# CONFIG_TUN is not set\nCONFIG_MACVLAN=y\n',
  );
  project.writeBoard('twice', { kernel: { fragments: ['lxc', './twice.config'] } });
  const { events } = await buildWell(project, ['--until', 'configure-kernel'], { board: 'twice' });
  expect(events.filter(({ type }) => type === 'warning').map(({ message }) => message)).toEqual([
    'boards/twice.config:3 CONFIG_TUN is =y in line 1 and =n here; the last one counts',
    'boards/twice.config:4 CONFIG_MACVLAN is =y in line 2 already',
  ]);
  expect(project.read('out/twice/config/kernel.config')).not.toContain('CONFIG_TUN=y\n');
});

test('so are those of a fragment of BusyBox', async () => {
  project.write('boards/busybox.config', 'CONFIG_STATIC=yes\n');
  project.writeBoard('bad', { busybox: { fragments: ['static', './busybox.config'] } });
  const failed = await project.run(['build', '--board', 'bad', '--until', 'configure-busybox']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/fragment-busybox-malformed.txt');
});

test('the file that a configuration starts from is checked as fragments are, and together with them', async () => {
  project.write(
    'boards/box.config',
    ['CONFIG_MIPS_MALTA=y', 'CONFIG_TUN=yes', 'CONFIG_BRIDGE y', ' CONFIG_MACVLAN=y', ''].join('\n'),
  );
  project.write('boards/vendor.config', 'CONFIG_VLAN_8021Q=y # trunk\n');
  project.write('boards/busybox.config', 'CONFIG_SH_IS_ASH=y\nCONFIG_PREFIX set by menuconfig\n');
  project.writeBoard('base', {
    kernel: { defconfig: './box.config', fragments: ['./vendor.config'] },
    busybox: { config: './busybox.config' },
  });
  const kernel = await project.run(['kconfig', 'audit', '--board', 'base']);
  expect(kernel.exitCode).toBe(2);
  const busybox = await project.run(['kconfig', 'audit', '--board', 'base', '--busybox']);
  expect(busybox.exitCode).toBe(2);
  await expect(`${message(project, kernel)}${message(project, busybox)}`).toMatchFileSnapshot(
    'printed/defconfig-malformed.txt',
  );
});

test('a configuration of another architecture or program, and a feature description of Yocto', async () => {
  project.write('boards/arm.config', '#\n# Linux/arm 5.10.1 Kernel Configuration\n#\nCONFIG_ARM=y\n');
  project.write('boards/net.scc', 'define KFEATURE_DESCRIPTION "net"\nkconf non-hardware net.cfg\n');
  project.writeBoard('foreign', {
    kernel: { defconfig: './arm.config', fragments: ['./net.scc'] },
    busybox: { config: './arm.config' },
  });
  const kernel = await project.run(['build', '--board', 'foreign', '--until', 'configure-kernel']);
  expect(kernel.exitCode).toBe(2);
  const busybox = await project.run(['build', '--board', 'foreign', '--until', 'configure-busybox']);
  expect(busybox.exitCode).toBe(2);
  await expect(`${message(project, kernel)}${message(project, busybox)}`).toMatchFileSnapshot(
    'printed/defconfig-foreign.txt',
  );
});

test.each([
  ['misspelt', 'fake_defconfg'],
  ['unknown', 'sparc.config_defconfig_of_another_kind'],
])('a defconfig that the kernel does not have: %s', async (name, defconfig) => {
  project.writeBoard('bad', { kernel: { defconfig } });
  const failed = await project.run(['build', '--board', 'bad', '--until', 'configure-kernel']);
  await expect(message(project, failed)).toMatchFileSnapshot(`printed/defconfig-${name}.txt`);
  expect(failed.exitCode).toBe(2);
});

test('once they are fixed, the build works', async () => {
  project.write('boards/vendor.config', 'CONFIG_TUN=y\n# CONFIG_IPV6 is not set\n');
  project.writeBoard('bad', { kernel: { fragments: ['lxc', './vendor.config'] } });
  await buildWell(project, ['--until', 'configure-kernel'], { board: 'bad' });
  expect(project.read('out/bad/config/kernel.config')).toContain('CONFIG_TUN=y\n');
});
