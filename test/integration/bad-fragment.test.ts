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

test.each([
  ['misspelt', 'fake_defconfg'],
  ['unknown', 'sparc.config_defconfig_of_another_kind'],
])('a defconfig that the kernel does not have: %s', async (name, defconfig) => {
  project.writeBoard('bad', { kernel: { defconfig } });
  const failed = await project.run(['build', '--board', 'bad', '--until', 'configure-kernel']);
  await expect(message(project, failed)).toMatchFileSnapshot(`printed/defconfig-${name}.txt`);
  expect(failed.exitCode).toBe(2);
});

test('when they are mended the build works', async () => {
  project.write('boards/vendor.config', 'CONFIG_TUN=y\n# CONFIG_IPV6 is not set\n');
  project.writeBoard('bad', { kernel: { fragments: ['lxc', './vendor.config'] } });
  await buildWell(project, ['--until', 'configure-kernel'], { board: 'bad' });
  expect(project.read('out/bad/config/kernel.config')).toContain('CONFIG_TUN=y\n');
});
