import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot, shippedPath } from '../../../toolkit/base/package-root.ts';
import { type LoadedProfile, loadProfile } from '../../../toolkit/board/load-profile.ts';

const boardsDir = shippedPath('boards');
const names = yamlFiles(boardsDir).map((file) => file.replace(/\.yaml$/, ''));

function yamlFiles(dir: string): string[] {
  return readdirSync(dir).filter((file) => file.endsWith('.yaml'));
}

function fragmentsIn(folder: string): string[] {
  return readdirSync(shippedPath(folder)).map((file) => file.replace(/\.config$/, ''));
}

function load(name: string): Promise<LoadedProfile> {
  return loadProfile(join(boardsDir, `${name}.yaml`), {
    shippedBoardsDir: boardsDir,
    displayPath: (file) => relative(packageRoot, file),
    knownFragments: { kernel: fragmentsIn('kconfig-fragments'), busybox: fragmentsIn('busybox-config') },
  });
}

describe('the boards that lxc-kit ships', () => {
  test('both are there', () => {
    expect(names).toEqual(expect.arrayContaining(['malta-mipsel', 'stb-mipsel']));
  });

  test.each(names)('%s is without mistakes and has the name of its file', async (name) => {
    const { profile } = await load(name);
    expect(profile.name).toBe(name);
    expect(profile.description).toBeDefined();
    expect(profile.containers.map((container) => container.name)).toEqual(['container1', 'system1']);
  });

  test.each(['.', 'common', 'containers'])('every file in %s names its schema for editors', (folder) => {
    for (const file of yamlFiles(join(boardsDir, folder))) {
      const [first] = readFileSync(join(boardsDir, folder, file), 'utf8').split('\n');
      const schema = /^# yaml-language-server: \$schema=([^#]+)(#\/definitions\/container)?$/.exec(
        first ?? '',
      );
      expect(join(folder, schema?.[1] ?? ''), file).toBe('board.schema.json');
      expect(schema?.[2] !== undefined, file).toBe(folder === 'containers');
    }
  });

  test('container1 is the one of the practice document, without /dev/mem', async () => {
    const { profile } = await load('stb-mipsel');
    const container1 = profile.containers[0];
    expect(container1).toMatchObject({
      kind: 'application',
      rootfs: { path: '/opt/lxc/container1', from: 'bind' },
      command: ['/bin/sh'],
      // Not the terminal that lxc-start was typed into.
      console: 'none',
      autodev: true,
    });
    expect(container1?.bind.map(({ to }) => to)).toEqual([
      '/bin/sh',
      '/bin/busybox',
      '/bin/echo',
      '/bin/ls',
      '/bin/mount',
      '/bin/hostname',
      '/lib',
    ]);
    expect(container1?.bind.every(({ options }) => options.join() === 'ro,nosuid,nodev')).toBe(true);
    const { devices } = container1 ?? {};
    if (devices === undefined || devices === 'all') throw new Error('container1 has no device rules');
    // Neither physical memory nor a terminal of the device.
    expect(devices.allow).toEqual(['null', 'zero', 'random', 'urandom', 'tty', 'c 30:0 rwm']);
    expect(profile.defaults.container.limits).toEqual({ memory: '64M', pids: 256 });
  });

  test('system1 starts at boot, without a console, within limits', async () => {
    const { profile } = await load('malta-mipsel');
    expect(profile.containers[1]).toMatchObject({
      kind: 'system',
      rootfs: { from: 'busybox' },
      network: [{ type: 'empty' }],
      limits: { memory: '32M', pids: 64 },
      console: 'none',
      autostart: { order: 1 },
    });
  });
});
