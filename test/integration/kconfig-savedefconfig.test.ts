import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('box', {
    kernel: { config: { CONFIG_TUN: 'y', CONFIG_PCI: 'n' } },
    busybox: { fragments: ['static', './busybox.config'] },
  });
  project.write('boards/busybox.config', '# CONFIG_TAR is not set\n# CONFIG_SHOW_USAGE is not set\n');
});

/** Symbols that the architecture's fragment switches off in BusyBox. */
const FOR_EVERY_BOARD = [
  '# CONFIG_SHA1_HWACCEL is not set',
  '# CONFIG_SHA256_HWACCEL is not set',
  '# CONFIG_TC is not set',
];

test("the kernel's minimal configuration gives the same final one as the board", async () => {
  const saved = await project.run(['kconfig', 'savedefconfig', '--board', 'box']);
  expect(saved.exitCode, saved.stderr).toBe(0);
  expect(saved.stderr).not.toContain('warning');
  const lines = saved.stdout.trimEnd().split('\n');
  expect(lines).toEqual(expect.arrayContaining(['CONFIG_TUN=y', 'CONFIG_VETH=y']));
  // A symbol with its default value is left out.
  expect(saved.stdout).not.toContain('CONFIG_MULTIUSER');
  project.write('boards/minimal.config', saved.stdout);
  project.writeBoard('minimal', { kernel: { defconfig: './minimal.config', fragments: [] } });
  const same = await project.run(['kconfig', 'diff', 'box', 'minimal']);
  expect(same.stdout, same.stderr).toBe('no difference\n');
});

test('with --write it goes into a file, and a build takes that', async () => {
  const saved = await project.run([
    ...['kconfig', 'savedefconfig', '--board', 'box', '--busybox'],
    ...['--write', 'boards/bb_defconfig.config'],
  ]);
  expect(saved.exitCode, saved.stderr).toBe(0);
  expect(saved.stdout).toBe('');
  expect(saved.stderr).toContain('wrote boards/bb_defconfig.config: 6 lines for the busybox of box\n');
  // BusyBox has no savedefconfig: what follows from TAR, and what has its default, is left out all the same.
  expect(project.read('boards/bb_defconfig.config').trimEnd().split('\n')).toEqual([
    ...FOR_EVERY_BOARD.slice(0, 2),
    '# CONFIG_SHOW_USAGE is not set',
    'CONFIG_STATIC=y',
    '# CONFIG_TAR is not set',
    ...FOR_EVERY_BOARD.slice(2),
  ]);
  project.writeBoard('minimal', { busybox: { config: './bb_defconfig.config', fragments: [] } });
  const same = await project.run(['kconfig', 'diff', 'box', 'minimal', '--busybox']);
  expect(same.stdout, same.stderr).toBe('no difference\n');
  await buildWell(project, ['--until', 'configure-busybox'], { board: 'minimal' });
});

test('a tree with all defaults saves only the requested symbols', async () => {
  project.writeBoard('plain', { busybox: { fragments: ['static'] } });
  const saved = await project.run(['kconfig', 'savedefconfig', '--board', 'plain', '--busybox']);
  expect(saved.exitCode, saved.stderr).toBe(0);
  expect(saved.stdout.trimEnd().split('\n').sort()).toEqual(['CONFIG_STATIC=y', ...FOR_EVERY_BOARD].sort());
});
