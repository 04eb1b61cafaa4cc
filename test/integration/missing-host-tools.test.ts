import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, printed, projectMaker } from './rig.ts';

const create = projectMaker();

describe('without some of the build tools', () => {
  let project: TempProject;
  beforeAll(async () => {
    project = await create({ withoutHostTools: ['bison', 'flex', 'ninja', 'mksquashfs'] });
  });

  test('build says all that is missing and the one command that installs it', async () => {
    project.writeBoard('squash', { images: ['squashfs'] });
    const failed = await project.run(['build', '--board', 'squash']);
    expect(failed.exitCode).toBe(3);
    expect(failed.stdout).toBe('');
    await expect(message(project, failed)).toMatchFileSnapshot('printed/tools-missing-build.txt');
    expect(existsSync(project.outDir('squash'))).toBe(false);
  });

  test('only what this board needs is missed', async () => {
    const failed = await project.run(['build', '--board', 'fake']);
    expect(failed.exitCode).toBe(3);
    expect(failed.stderr).not.toContain('mksquashfs');
  });

  test('a build of some steps misses only the tools of those', async () => {
    const configured = await project.run(['build', '--board', 'squash', '--until', 'configure-kernel']);
    expect(configured.exitCode).toBe(3);
    expect(configured.stderr).toContain('bison');
    for (const tool of ['ninja', 'mksquashfs']) expect(configured.stderr).not.toContain(tool);
  });

  test('doctor says the same', async () => {
    const failed = await project.run(['doctor', '--board', 'squash']);
    expect(failed.exitCode).toBe(3);
    await expect(printed(project, failed.stdout)).toMatchFileSnapshot(
      'printed/tools-missing-doctor-stdout.txt',
    );
    await expect(message(project, failed)).toMatchFileSnapshot('printed/tools-missing-doctor.txt');
  });

  test('plan works all the same', async () => {
    const result = await project.run(['plan', '--board', 'squash']);
    expect(result.exitCode, result.stderr).toBe(0);
  });
});

test('a kernel is built on a host that has no tool for images', async () => {
  const project = await create({ withoutHostTools: ['mksquashfs', 'ninja'] });
  project.writeBoard('squash', { images: ['squashfs'] });
  const built = await project.run(['build', '--board', 'squash', '--until', 'build-kernel']);
  expect(built.exitCode, built.stderr).toBe(0);
});

describe('without QEMU', () => {
  let project: TempProject;
  beforeAll(async () => {
    project = await create({ withoutHostTools: ['qemu-system-mipsel', 'ccache'] });
  });

  test('a board is built', async () => {
    const built = await project.run(['build', '--board', 'fake', '--until', 'build-kernel']);
    expect(built.exitCode, built.stderr).toBe(0);
  });

  test('boot says what is missing and how to install it', async () => {
    const failed = await project.run(['boot', '--board', 'fake', '--run', 'true']);
    expect(failed.exitCode).toBe(3);
    expect(failed.stdout).toBe('');
    await expect(message(project, failed)).toMatchFileSnapshot('printed/tools-missing-boot.txt');
  });

  test('doctor distinguishes missing tools from those that would only be useful', async () => {
    const failed = await project.run(['doctor', '--board', 'fake']);
    expect(failed.exitCode).toBe(3);
    await expect(printed(project, failed.stdout)).toMatchFileSnapshot(
      'printed/tools-missing-qemu-stdout.txt',
    );
  });
});

test.each([
  ['uImage.gz', ['mkimage, needed for kernel.image: uImage.gz (Debian package u-boot-tools)']],
  ['uImage.lzo', ['lzop', 'mkimage']],
  ['vmlinux.gz.itb', ['dtc', 'mkimage']],
])('doctor and build name what the boot image %s takes', async (image, tools) => {
  const project = await create({ withoutHostTools: ['mkimage', 'lzop', 'dtc'] });
  project.writeBoard('boxed', { kernel: { image } });
  for (const command of ['doctor', 'build']) {
    const failed = await project.run([command, '--board', 'boxed']);
    expect(failed.exitCode).toBe(3);
    for (const tool of tools) expect(failed.stdout + failed.stderr).toContain(tool);
  }
  project.writeBoard('plain', {});
  const plain = await project.run(['doctor', '--board', 'plain']);
  expect(plain.stdout).not.toContain('boot image');
  expect(plain.exitCode, plain.stdout).toBe(0);
});

test('doctor is content with a host that has everything', async () => {
  const project = await create();
  const result = await project.run(['doctor', '--board', 'fake']);
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stderr).toBe('');
  expect(result.stdout).toContain('toolchain: gcc 12.2.0 mipsel-linux-gnu glibc 2.36 -Os -march=mips32r2\n');
  expect(result.stdout).toMatch(/^the host has everything that fake needs$/m);
});
