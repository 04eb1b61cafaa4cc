import { describe, expect, test } from 'vitest';
import type { FakeToolchain } from '../rigs/fake-tools.ts';
import { leftovers, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();

describe.each<[FakeToolchain, string]>([
  ['big-endian', 'the other byte order'],
  ['x86_64', 'another machine'],
  ['no-libc', 'no C library'],
])('a cross compiler for %s', (toolchain, what) => {
  test(`is refused: ${what}`, async () => {
    const project = await create({ toolchain });
    const failed = await project.run(['build', '--board', 'fake']);
    expect(failed.exitCode).toBe(3);
    expect(failed.stdout).toBe('');
    await expect(message(project, failed)).toMatchFileSnapshot(`printed/toolchain-${toolchain}.txt`);
    const done = stampedSteps(project).filter((step) => /^(?:check-toolchain$|configure-|build-)/.test(step));
    expect(done).toEqual([]);
    expect(leftovers(project)).toEqual([]);

    const doctor = await project.run(['doctor', '--board', 'fake']);
    expect(doctor.exitCode).toBe(3);
    expect(message(project, doctor)).toBe(message(project, failed));
  });
});

test('no cross compiler where the profile says it is, and then one', async () => {
  const project = await create();
  project.writeBoard('none', { toolchain: { directory: '/opt/vendor/bin' }, images: ['tar.gz'] });
  const failed = await project.run(['build', '--board', 'none']);
  expect(failed.exitCode).toBe(3);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/toolchain-none.txt');
  project.writeBoard('none', { images: ['tar.gz'] });
  const built = await project.run(['build', '--board', 'none', '--until', 'build-kernel']);
  expect(built.exitCode, built.stderr).toBe(0);
});

test('no cross compiler of that prefix in PATH', async () => {
  const project = await create();
  project.write(
    'boards/path.yaml',
    project.read('boards/fake.yaml').replace('"directory": "../tools/bin",', ''),
  );
  project.write(
    'boards/path.yaml',
    project.read('boards/path.yaml').replace('"mipsel-linux-gnu-"', '"mipsel-vendor-linux-uclibc-"'),
  );
  const failed = await project.run(['build', '--board', 'path']);
  expect(failed.exitCode).toBe(3);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/toolchain-not-in-path.txt');
});

test("Debian's cross compiler is among the host tools that can be installed", async () => {
  const project = await create({ withoutHostTools: ['mipsel-linux-gnu-gcc'] });
  project.write(
    'boards/path.yaml',
    project.read('boards/fake.yaml').replace('"directory": "../tools/bin",', ''),
  );
  const failed = await project.run(['build', '--board', 'path']);
  expect(failed.exitCode).toBe(3);
  expect(failed.stderr).toContain(
    'mipsel-linux-gnu-gcc, needed for everything that runs on the board (Debian package gcc-mipsel-linux-gnu)',
  );
  expect(failed.stderr).toMatch(/^ {2}help: run as root: apt-get install .*\bgcc-mipsel-linux-gnu\b/m);
});

test('a compiler that does not work', async () => {
  const project = await create();
  project.write(
    'tools/bin/mipsel-linux-gnu-gcc',
    '#!/bin/sh\necho "cannot find libisl.so.23" >&2\nexit 127\n',
  );
  const failed = await project.run(['build', '--board', 'fake']);
  expect(failed.exitCode).toBe(3);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/toolchain-broken.txt');
});
