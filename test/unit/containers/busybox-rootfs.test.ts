import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { busyboxApplets, busyboxRootfs } from '../../../toolkit/containers/busybox-rootfs.ts';
import { containerFrom, device } from './rig.ts';

const box = containerFrom('{ name: box, kind: system, hostname: boxy, rootfs: { from: busybox } }');
const entries = await busyboxRootfs(box, busyboxApplets(device()));
const at = (path: string) => entries.find((entry) => entry.path === `/opt/lxc/box${path}`);

function text(path: string): string {
  const entry = at(path);
  return entry?.type === 'file' && typeof entry.content === 'string' ? entry.content : `no file ${path}`;
}

describe('busyboxRootfs', () => {
  it('takes a copy of BusyBox and the links of its applets from the device', () => {
    expect(busyboxApplets(device())).toEqual([
      '/bin/echo',
      '/bin/ls',
      '/bin/mount',
      '/bin/sh',
      '/sbin/init',
      '/usr/bin/env',
    ]);
    expect(at('/bin/busybox')).toMatchObject({
      type: 'file',
      mode: 0o755,
      content: { from: '/bin/busybox' },
    });
    expect(at('/bin/ls')).toMatchObject({ type: 'symlink', target: 'busybox' });
    expect(at('/sbin/init')).toMatchObject({ type: 'symlink', target: '../bin/busybox' });
    expect(at('/usr/bin/env')).toMatchObject({ type: 'symlink', target: '../../bin/busybox' });
  });

  it('has the files and directories that ordinary programs expect', async () => {
    const lines = entries.map((entry) => {
      const path = entry.path.replace('/opt/lxc/box', '');
      const type = { dir: 'd', file: '-', symlink: 'l' }[entry.type as 'dir' | 'file' | 'symlink'];
      const target = entry.type === 'symlink' ? ` -> ${entry.target}` : '';
      return `${path} ${type}${entry.mode.toString(8).padStart(4, '0')}${target}`;
    });
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('busybox-rootfs.txt');
  });

  it('has a password entry and a group for each user', () => {
    const fields = (path: string): string[][] =>
      text(path)
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':'));
    const users = fields('/etc/passwd');
    expect(users.map(([name]) => name)).toEqual(expect.arrayContaining(['root', 'daemon', 'nobody']));
    // BusyBox's login reads /etc/shadow for "x" alone.
    expect(users.map(([, password]) => password)).toEqual(users.map(() => 'x'));
    expect(fields('/etc/shadow').map(([name, hash]) => [name, hash])).toEqual(
      users.map(([name]) => [name, '*']),
    );
    const groups = fields('/etc/group').map(([, , gid]) => gid);
    for (const [name, , , gid] of users) expect(groups, name).toContain(gid);
    expect(text('/etc/hosts')).toBe('127.0.0.1\tlocalhost boxy\n');
  });

  it('has the same script for udhcpc as the device', () => {
    expect(at('/usr/share/udhcpc/default.script')?.mode).toBe(0o755);
    expect(text('/usr/share/udhcpc/default.script')).toContain('bound | renew)');
  });

  it('gives every entry a parent', () => {
    const paths = new Set(entries.map(({ path }) => path));
    for (const path of paths) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      if (parent !== '/opt/lxc/box') expect(paths, path).toContain(parent);
    }
  });

  it('starts with rcS and waits at no terminal', () => {
    const actions = text('/etc/inittab')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(actions).toContain('::sysinit:/etc/init.d/rcS');
    expect(actions.filter((line) => /:(respawn|askfirst):/.test(line))).toEqual([]);
    expect(text('/etc/hostname')).toBe('boxy\n');
    expect(text('/etc/passwd')).toMatch(/^root:x:0:0:root:\/root:\/bin\/sh$/m);
    expect(text('/etc/shadow')).toMatch(/^root:\*:/m);
    expect(at('/etc/shadow')).toMatchObject({ mode: 0o600 });
  });

  it('offers a shell on each of its terminals', async () => {
    const withTerminals = await busyboxRootfs(
      containerFrom('{ name: box, rootfs: { from: busybox }, tty: 2 }'),
      [],
    );
    const inittab = withTerminals.find(({ path }) => path === '/opt/lxc/box/etc/inittab');
    const content = inittab?.type === 'file' && typeof inittab.content === 'string' ? inittab.content : '';
    expect(content.split('\n').filter((line) => line.includes('askfirst'))).toEqual([
      'tty1::askfirst:-/bin/sh',
      'tty2::askfirst:-/bin/sh',
    ]);
  });

  it('greets from rcS, and mounts nothing where /proc and /sys are there', () => {
    expect(at('/etc/init.d/rcS')?.mode).toBe(0o755);
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', `mount() { echo "mount $*"; }\n${text('/etc/init.d/rcS')}`],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout).toBe('LXC box /etc/init.d/rcS\n');
    expect(status).toBe(0);
  });
});
