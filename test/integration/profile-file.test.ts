import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, listTar, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

const sources = (): string[] =>
  (['kernel', 'busybox', 'libcap', 'libseccomp', 'lxc'] as const).flatMap((component) => [
    '--source',
    `${component}=${project.sourceDir(component)}`,
  ]);

describe('a profile of somebody who only uses lxc-kit', () => {
  beforeAll(async () => {
    project.write(
      'product/settop.yaml',
      `schema: 1
name: settop
description: A product of ours
extends: [${shippedPath('boards', 'stb-mipsel.yaml')}, parts/toolchain.yaml]
kernel:
  fragments: [lxc, ./kernel/product.config]
rootfs:
  hostname: living-room
  overlays: [files/overlay]
  files:
    - { path: /etc/serial, type: file, mode: '0600', source: files/serial }
containers:
  - containers/player.yaml
images: [tar.gz]
`,
    );
    project.write('product/parts/toolchain.yaml', 'schema: 1\ntoolchain: { directory: ../../tools/bin }\n');
    project.write('product/kernel/product.config', 'CONFIG_SQUASHFS_XZ=y\nCONFIG_TUN=y\n');
    project.write('product/files/overlay/etc/motd', 'our product\n');
    project.write('product/files/serial', '4711\n');
    project.write('product/containers/rootfs/readme', 'of the player\n');
    project.write(
      'product/containers/player.yaml',
      'name: player\ncommand: [/bin/sh]\nrootfs: { from: { directory: rootfs } }\nbind: [/bin/sh, /bin/busybox]\n',
    );
    await buildWell(project, sources(), { board: 'product/settop.yaml' });
  });

  test('is found by its path, and built into out/NAME of the current folder', () => {
    expect(project.listOut('settop')).toEqual(
      expect.arrayContaining(['images/rootfs.tar.gz', 'images/vmlinux', 'containers/player.conf']),
    );
    expect(existsSync(join(project.dir, 'product/out'))).toBe(false);
  });

  test('extends the shipped board', () => {
    const config = project.read('out/settop/config/kernel.config').split('\n');
    // From bmips_stb_defconfig and from the shipped profile.
    expect(config).toEqual(expect.arrayContaining(['CONFIG_BMIPS_GENERIC=y', 'CONFIG_RD_GZIP=y']));
    // The emulator's kernel, which the shipped profile has.
    expect(project.listOut('settop')).toEqual(
      expect.arrayContaining(['config/emulator-kernel.config', 'emulator/vmlinux']),
    );
    const profile = (JSON.parse(project.read('out/settop/manifest.json')) as { profile: string[] }).profile;
    expect(profile.map((file) => file.replace(/^.*\/boards\//, 'boards/'))).toEqual([
      'boards/common/mipsel.yaml',
      'boards/stb-mipsel.yaml',
      'product/parts/toolchain.yaml',
      'product/settop.yaml',
      'product/containers/player.yaml',
    ]);
  });

  test('brings its own fragments, overlays, files and containers, by paths relative to where they are written', () => {
    const tar = listTar(project, 'settop');
    expect(project.read('out/settop/config/kernel.config')).toContain('CONFIG_TUN=y\n');
    expect(readFromTar(project, '/etc/motd', 'settop').toString()).toBe('our product\n');
    expect(readFromTar(project, '/etc/hostname', 'settop').toString()).toBe('living-room\n');
    expect(tar['/etc/serial']).toBe('-rw------- 0/0 5');
    expect(tar['/opt/lxc/player/readme']).toMatch(/^-rw-r--r-- (\d{7,})\/\1 14$/);
    // The list replaces that of the shipped board.
    expect(Object.keys(tar).filter((path) => path.startsWith('/opt/lxc/container1'))).toEqual([]);
  });
});

test('a shipped board is built by its name', async () => {
  // On fake trees and with a fake compiler that is called like Debian's.
  const env = { PATH: `${join(project.dir, 'tools/bin')}:${project.env['PATH'] ?? ''}` };
  await buildWell(project, sources(), { board: 'malta-mipsel', env });
  expect(project.listOut('malta-mipsel').filter((path) => /^(?:images|containers)\//.test(path))).toEqual([
    'containers/container1.conf',
    'containers/system1.conf',
    'images/rootfs.cpio.gz',
    'images/rootfs.ext4',
    'images/rootfs.squashfs',
    'images/rootfs.tar.gz',
    'images/vmlinux',
  ]);
});
