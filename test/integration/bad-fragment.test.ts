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
