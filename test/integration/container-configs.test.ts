import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { fixture } from '../rigs/fixture.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  cpSync(fixture('lxc-configs'), join(project.dir, 'configs'), { recursive: true });
});

const golden = (name: string): string => `printed/container-configs/${name}.txt`;

test.each(['container1', 'server'])('import %s.conf', async (name) => {
  const { exitCode, stdout, stderr } = await project.run(['container', 'import', `configs/${name}.conf`]);
  expect(exitCode).toBe(0);
  await expect(stdout).toMatchFileSnapshot(golden(`${name}-definition`));
  await expect(stderr).toMatchFileSnapshot(golden(`${name}-import`));
});

test.each([
  ['container1', '1.1.5'],
  ['container1', '5.0.3'],
  ['container1', '7.0.0'],
  ['server', '3.0.3'],
  ['server', '7.0.0'],
])('convert %s.conf --to %s', async (name, version) => {
  const { exitCode, stdout, stderr } = await project.run([
    'container',
    'convert',
    `configs/${name}.conf`,
    '--to',
    version,
  ]);
  expect(exitCode).toBe(0);
  await expect(stdout).toMatchFileSnapshot(golden(`${name}-for-${version}`));
  await expect(stderr).toMatchFileSnapshot(golden(`${name}-convert-${version}`));
});

test('convert leaves a converted configuration as it is', async () => {
  for (const version of ['1.1.5', '2.1.1', '7.0.0']) {
    const first = await project.run(['container', 'convert', 'configs/container1.conf', '--to', version]);
    writeFileSync(join(project.dir, 'again.conf'), first.stdout);
    expect(await project.run(['container', 'convert', 'again.conf', '--to', version])).toMatchObject({
      exitCode: 0,
      stdout: first.stdout,
      stderr: '',
    });
  }
});

test('a definition that was imported builds', async () => {
  const { stdout } = await project.run(['container', 'import', 'configs/container1.conf']);
  project.write('boards/imported.yaml.d/container1.yaml', stdout.replace(/, \/lib \]/, ' ]'));
  project.writeBoard('imported', { images: ['tar.gz'], containers: ['imported.yaml.d/container1.yaml'] });
  const built = await project.run(['build', '--board', 'imported']);
  expect(built.exitCode, built.stderr).toBe(0);
  const config = readFileSync(join(project.outDir('imported'), 'containers', 'container1.conf'), 'utf8');
  expect(config).toContain(
    '\nlxc.mount.entry = tmpfs tmp tmpfs nosuid,nodev,noexec,mode=1777,create=dir 0 0\n',
  );
});

test.each(['import', 'convert'])('%s of a file with mistakes names all of them', async (command) => {
  const to = command === 'convert' ? ['--to', '5.0.3'] : [];
  const { exitCode, stdout, stderr } = await project.run([
    'container',
    command,
    'configs/mistakes.conf',
    ...to,
  ]);
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  await expect(stderr).toMatchFileSnapshot(golden(`mistakes-${command}`));
});

test('--json has everything in one object', async () => {
  const imported = await project.run(['container', 'import', 'configs/container1.conf', '--json']);
  expect(imported).toMatchObject({ exitCode: 0, stderr: '' });
  const result = JSON.parse(imported.stdout) as { definition: object; errors: object[]; notes: object[] };
  expect(result.definition).toMatchObject({ name: 'container1', console: 'none' });
  expect(result.errors).toEqual([]);
  expect(result.notes).toContainEqual({
    outcome: 'mended',
    file: 'configs/container1.conf',
    line: 22,
    column: 25,
    message:
      'LXC skips this mount with only a warning: /tmp is not in the root filesystem /opt/lxc/container1',
    help: 'write lxc.mount.entry = tmpfs tmp tmpfs nosuid,nodev,noexec,mode=1777,create=dir 0 0',
  });
  const wrong = await project.run([
    'container',
    'convert',
    'configs/mistakes.conf',
    '--to',
    '5.0.3',
    '--json',
  ]);
  expect(wrong.exitCode).toBe(2);
  expect(JSON.parse(wrong.stdout)).toMatchObject({
    config: null,
    errors: { length: 13, 0: { file: 'configs/mistakes.conf', line: 4, column: 1 } },
  });
});

test('--root says where the device has its files', async () => {
  project.write('device/etc/vendor/lxc/more.conf', 'lxc.environment = VENDOR=yes\n');
  const { stdout } = await project.run(['container', 'import', 'configs/server.conf', '--root', 'device']);
  expect(stdout).toContain('environment: { VENDOR: yes }');
  expect(stdout).not.toContain('lxc.include');
});

test.each([
  ['not-there', ['import', 'configs/none.conf'], undefined],
  ['folder', ['import', 'configs'], undefined],
  ['too-long', ['import', 'wrong.conf'], '# a comment\n'.repeat(900_000)],
  ['device', ['convert', '/dev/zero', '--to', '5.0.3'], undefined],
  ['device-included', ['convert', 'wrong.conf', '--to', '5.0.3'], 'lxc.include = /dev/zero\n'],
  ['nul-byte', ['import', 'wrong.conf'], 'lxc.tty = 4\nlxc.utsname = a\0b\n'],
  ['not-utf8', ['convert', 'wrong.conf', '--to', '5.0.3'], Buffer.from([0x23, 0xe9, 0x0a])],
  ['include-loop', ['import', 'wrong.conf'], 'lxc.tty = 4\nlxc.include = wrong.conf\n'],
  [
    'no-equivalent',
    ['convert', 'wrong.conf', '--to', '1.1.5'],
    'lxc.prlimit.nofile = 9\nlxc.sched.core = 1\n',
  ],
  ['no-cgroup-v1', ['convert', 'wrong.conf', '--to', '7.0.0', '--cgroup', 'v1'], 'lxc.tty.max = 4\n'],
  ['to-nothing', ['convert', 'configs/server.conf'], undefined],
  ['to-no-version', ['convert', 'configs/server.conf', '--to', 'newest'], undefined],
  ['to-too-old', ['convert', 'configs/server.conf', '--to', '0.9.0'], undefined],
  ['root-missing', ['import', 'configs/server.conf', '--root', 'none'], undefined],
] as const)('refuses wrong input: %s', async (name, args, text) => {
  if (text !== undefined) writeFileSync(join(project.dir, 'wrong.conf'), text);
  const { exitCode, stdout, stderr } = await project.run(['container', ...args]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  await expect(stderr).toMatchFileSnapshot(golden(`refused-${name}`));
});

test('a version that is newer than lxc-kit is written like the newest', async () => {
  const { exitCode, stdout, stderr } = await project.run([
    'container',
    'convert',
    'configs/container1.conf',
    '--to',
    '8.1.0',
  ]);
  expect({ exitCode, keys: stdout.includes('lxc.uts.name = container1') }).toEqual({
    exitCode: 0,
    keys: true,
  });
  expect(stderr).toContain('LXC 8.1.0 is newer than lxc-kit knows');
});
