import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let made = 0;

/** Builds a board with an overlay of these files; what is printed of problems, and how it ends. */
async function outcome(
  files: Readonly<Record<string, string>>,
  container = '',
): Promise<{ exitCode: number | undefined; problems: string[] }> {
  const overlay = `ov${++made}`;
  project.write(`boards/${overlay}/etc/motd`, '');
  for (const [path, text] of Object.entries(files)) project.write(`boards/${overlay}${path}`, text);
  project.write(
    'boards/asked.yaml',
    `schema: 1\nname: asked\nextends: [fake.yaml]\nrootfs: { overlays: [./${overlay}] }\ncontainers:\n  - name: c1\n    command: [/bin/sh]\n    bind: [/bin]\n${container}`,
  );
  const { exitCode, stderr } = await project.run(['build', '--board', 'asked', '--log-format', 'plain']);
  const lines = stderr.replaceAll(`boards/${overlay}/`, 'OV/').split('\n');
  return {
    exitCode,
    problems: lines.filter((line) => /^(?:warning: emit-containers: )?(?:OV\/|boards\/)/.test(line)),
  };
}

beforeAll(async () => {
  project = await create();
  await buildWell(project);
});

test('a table of mounts is checked like the lines of the definition', async () => {
  const table = (line: string) => outcome({ '/etc/lxc/c1.fstab': `# mounts\n\n${line}\n` }, raw);
  const raw = '    raw: [lxc.mount.fstab = /etc/lxc/c1.fstab]\n';
  expect(await table('/bin opt/tools none bind,ro,create=dir 0 0')).toEqual({ exitCode: 0, problems: [] });
  expect(await table('/usr/none opt none bind,create=dir 0 0')).toEqual({
    exitCode: 2,
    problems: ['OV/etc/lxc/c1.fstab:3:1 c1: binds /usr/none, which is not in the root filesystem'],
  });
  expect(await table('/run/app/sock sock none bind,create=file 0 0')).toEqual({
    exitCode: 2,
    problems: [
      'OV/etc/lxc/c1.fstab:3:1 c1 binds /run/app/sock, which does not exist after boot: nothing in the image makes it',
    ],
  });
  // Its mounts hide files from programs too.
  expect(await table('tmpfs bin tmpfs defaults 0 0')).toMatchObject({ exitCode: 0 });
});

test('a table or an included file that the image does not have keeps the container from starting', async () => {
  expect(await outcome({}, '    raw: [lxc.mount.fstab = /etc/lxc/c1.fstab]\n')).toEqual({
    exitCode: 2,
    problems: [
      'boards/asked.yaml:9:11 c1 uses the mount table /etc/lxc/c1.fstab, which is not in the root filesystem',
    ],
  });
  const include = '    include: [/etc/lxc/one.conf]\n';
  const nested = (path: string) =>
    outcome({ '/etc/lxc/one.conf': `# one\nlxc.include = ${path}\n` }, include);
  expect(await nested('/etc/lxc/two.conf')).toEqual({
    exitCode: 2,
    problems: ['OV/etc/lxc/one.conf:2:1 c1 includes /etc/lxc/two.conf, which is not in the root filesystem'],
  });
  expect(await nested('/run/lxc/two.conf')).toEqual({ exitCode: 0, problems: [] });
  expect(
    await outcome(
      { '/etc/lxc/one.conf': 'lxc.include = /etc/lxc/more\n', '/etc/lxc/more/a.conf': '\n' },
      include,
    ),
  ).toEqual({ exitCode: 0, problems: [] });
});

test('a hook of an included file that the device does not have', async () => {
  const hook = { '/etc/lxc/one.conf': 'lxc.hook.pre-start = /opt/gone.sh\n' };
  expect(await outcome(hook, '    include: [/etc/lxc/one.conf]\n')).toEqual({
    exitCode: 2,
    problems: [
      'OV/etc/lxc/one.conf:1:1 the pre-start hook of c1 starts /opt/gone.sh, which is not in the root filesystem',
    ],
  });
});

const whole = (...lines: string[]): Record<string, string> => ({
  '/var/lib/lxc/box/config': `lxc.rootfs.path = dir:/srv/box\nlxc.uts.name = box\n${lines.join('\n')}\n`,
  '/srv/box/etc/hello': 'hello\n',
});

test('a container that an overlay brings whole: an error where it starts at boot, else a warning', async () => {
  const bind = 'lxc.mount.entry = /usr/none etc/none none bind,create=file 0 0';
  const problem = 'OV/var/lib/lxc/box/config:4:1 box: binds /usr/none, which is not in the root filesystem';
  expect(await outcome(whole('lxc.start.auto = 1', bind))).toEqual({ exitCode: 2, problems: [problem] });
  expect(await outcome(whole('lxc.start.auto = 0', bind))).toEqual({
    exitCode: 0,
    problems: [`warning: emit-containers: ${problem}`],
  });
  expect(
    await outcome(whole('lxc.start.auto = 1', 'lxc.mount.entry = /bin bin none bind,create=dir 0 0')),
  ).toEqual({
    exitCode: 0,
    problems: [],
  });
  const table = {
    ...whole('lxc.start.auto = 1', 'lxc.mount.fstab = /etc/box.fstab'),
    '/etc/box.fstab': '/bin etc/hello none bind\n',
  };
  expect(await outcome(table)).toEqual({
    exitCode: 2,
    problems: [
      'OV/etc/box.fstab:1:1 box: the mount target /etc/hello must be a directory, for /bin is a directory, but it is a file',
    ],
  });
  expect(await outcome(whole('lxc.start.auto = 1', 'lxc.include = /etc/none.conf'))).toEqual({
    exitCode: 2,
    problems: [
      'OV/var/lib/lxc/box/config:4:1 box includes /etc/none.conf, which is not in the root filesystem',
    ],
  });
});

test('a configuration in an overlay for a container of the profile is refused with both places', async () => {
  for (const path of ['/var/lib/lxc/c1/config', '/opt/lxc/c1.conf']) {
    const { exitCode, problems } = await outcome({ [path]: 'lxc.uts.name = c1\n' });
    expect(exitCode).toBe(2);
    expect(problems).toEqual([
      `boards/asked.yaml:6:5 the profile defines c1, but OV${path}:1:1 is a configuration of the same container, which the build would overwrite`,
    ]);
  }
  expect(await outcome({ '/var/lib/lxc/c1/rootfs/etc/x': '' })).toEqual({ exitCode: 0, problems: [] });
});
