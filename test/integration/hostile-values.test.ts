import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeFakeLxc2 } from '../rigs/fake-lxc2.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;
/** The file that the commands in the values below make when something runs them. */
let mark: string;

beforeAll(async () => {
  project = await create();
  mark = join(project.dir, 'ran');
});

/** The same command in the forms that shells and makefiles run; MARK is the file that it makes. */
const COMMANDS = ['`touch MARK`', '$(touch MARK)', '$(shell touch MARK)', '${shell touch MARK}'];

const marked = (text: string): string => text.replaceAll('MARK', mark);

describe('compiler flags of any characters reach the compiler and nothing else', () => {
  const flags = [
    ...COMMANDS.map((command, index) => `-DA${index}=${command}`),
    '-DB=;touch MARK;',
    '-DC="two words"',
    "-DD='x'",
    '-DE=a\\b',
    '-DF=#',
    '-Wl,-rpath,$ORIGIN/../lib',
  ];

  test.each(['meson', 'autotools'] as const)('LXC is built with %s', async (system) => {
    const board = `flags-${system}`;
    const old = system === 'autotools';
    const changes = old ? { cgroup: 'v1', kernel: { fragments: ['lxc', 'cgroup-v1'] } } : {};
    project.writeBoard(board, { toolchain: { cflags: flags.map(marked) }, ...changes });
    const source = old ? ['--source', `lxc=${makeFakeLxc2(project.dir)}`] : [];
    // Results of the store would spare the compiler.
    await buildWell(project, source, { board, env: { LXC_KIT_STORE_LIMIT: '0' } });
    expect(existsSync(mark)).toBe(false);
    const file = join(project.outDir(board), 'work', 'build-busybox', 'flags.rsp');
    expect(readFileSync(file, 'utf8').split('\n')[5]).toBe('-DC=\\"two\\ words\\"');
  });

  test('plain flags stay where everybody can read them', async () => {
    await buildWell(project, ['--until', 'build-busybox']);
    const log = project.read('out/fake/logs/build-busybox.log');
    expect(log).toContain("'CFLAGS=-Os -march=mips32r2 -ffile-prefix-map=");
  });
});

describe('values that would run are refused, with their places', () => {
  const lines = [
    ...COMMANDS.map((command) => `CONFIG_CMDLINE="x${command}"`),
    'CONFIG_ANY="$\\(touch MARK)"',
    'CONFIG_EXTRA_CFLAGS="-x;touch MARK"',
    'CONFIG_INITRAMFS_SOURCE="a|touch MARK"',
  ];
  const places: Readonly<Record<string, Record<string, unknown>>> = {
    'kernel.fragments': { kernel: { fragments: ['lxc', './vendor.config'] } },
    'kernel.defconfig': { kernel: { defconfig: './vendor.config' } },
    'busybox.config': { busybox: { config: './vendor.config' } },
    'busybox.fragments': { busybox: { fragments: ['static', './vendor.config'] } },
  };

  test.each(Object.keys(places))('%s', async (place) => {
    project.write('boards/vendor.config', `${lines.map(marked).join('\n')}\n`);
    project.writeBoard('bad', places[place] ?? {});
    const run = await project.run(['build', '--board', 'bad']);
    const found = run.stderr.matchAll(/^(?:error: )?boards\/vendor\.config:(\d+):\d+ the value of CONFIG_/gm);
    expect([...found].map(([, line]) => Number(line))).toEqual(lines.map((_, index) => index + 1));
    expect(run.exitCode).toBe(2);
    expect(existsSync(mark)).toBe(false);
  });

  test('so are values of a profile, before anything is run', async () => {
    project.writeBoard('bad', {
      kernel: { image: 'FOO=$(shell touch x)', config: { CMDLINE: '`touch x`' } },
      lxc: { prefix: '/opt/$(touch)' },
      toolchain: { directory: '../tools/`touch x`' },
    });
    const run = await project.run(['build', '--board', 'bad']);
    expect(run.stderr).toContain('4 problems found');
    expect(run.exitCode).toBe(2);
  });
});

test('a source tree whose path makefiles cannot take is refused', async () => {
  const tree = join(project.dir, 'sources', 'a`touch ran`$(touch ran)');
  cpSync(project.sourceDir('kernel'), tree, { recursive: true });
  const run = await project.run(['build', '--board', 'fake', '--source', `kernel=${tree}`]);
  expect(run.stderr).toContain('the path of the source tree has the character ` in it');
  expect(run.exitCode).toBe(4);
});

test("names that the device's start script takes are words of its shell", async () => {
  project.writeBoard('names', {
    kernel: { fragments: ['lxc', 'derived'] },
    interfaces: [{ name: '`reboot`' }],
    bridges: [{ name: '$(x)', ipv4: '10.0.0.1/24', attach: ['a;b'] }],
    containers: [
      {
        name: 'c',
        kind: 'system',
        rootfs: { path: '/opt/$(reboot)/c', from: 'busybox', image: 'squashfs' },
      },
    ],
  });
  await buildWell(project, [], { board: 'names' });
  const script = readFromTar(project, '/etc/init.d/rcS', 'names').toString();
  expect(script).toContain("\ntry ifconfig '`reboot`' up\n");
  expect(script).toContain("\ntry brctl addif '$(x)' 'a;b'\n");
  expect(script).toContain("'/opt/$(reboot)/c'\n");
  expect(script).not.toMatch(/^[^'#]*(?:`reboot|\$\((?:reboot|x)\))/m);
});
