import { describe, expect, it } from 'vitest';
import { emitContainer, type EmitOptions } from '../../../toolkit/containers/emit-container.ts';
import { hostRootfsOf } from '../../../toolkit/containers/host-rootfs.ts';
import { containerFrom, device, problemsOf, target } from './rig.ts';

const host = device(
  { path: '/etc', type: 'dir' },
  { path: '/etc/init.d', type: 'dir' },
  { path: '/etc/fw.conf', type: 'file' },
  { path: '/var/run', type: 'symlink', target: '/run' },
  { path: '/run', type: 'dir' },
);

/** The problems of a container in a directory of its own with these lines of mounts. */
async function problems(entries: readonly string[], yaml = '', options: EmitOptions = {}): Promise<string[]> {
  const program = yaml.includes('tar:') ? '' : 'bind: [/bin/sh, /bin/busybox], command: [/bin/sh],';
  const container = containerFrom(`{ name: web, ${program} ${yaml} }`);
  const raw = entries.map((entry) => `lxc.mount.entry = ${entry}`);
  return problemsOf(() => emitContainer({ ...container, raw }, target({ host }), options));
}

describe('raw lines that mount something', () => {
  it.each([
    '/etc/init.d conf none bind,ro,create=dir 0 0',
    '/etc/fw.conf etc/fw.conf none bind,ro,create=file 0 0',
    // Directories that every container has, and what others make before.
    '/etc/init.d tmp none bind 0 0',
    'tmpfs tmp tmpfs defaults 0 0',
    // These exist only on the running device, or may fail.
    '/run/app run/app none bind,create=dir 0 0',
    '/var/run/app run/app none bind,create=dir 0 0',
    '/etc/none none none bind,optional,create=file 0 0',
    // The contents of these file systems are unknown.
    '/etc/fw.conf dev/fw none bind 0 0',
    '/opt/lxc/web/x y none bind,relative,create=file 0 0',
    '/etc/init.d /opt/lxc/web/conf none bind,create=dir 0 0',
  ])('%s is right', async (entry) => {
    expect(await problems([entry])).toEqual([]);
  });

  it.each([
    [
      '/etc/init.d conf none bind,ro,create=file 0 0',
      'web: the mount target /conf must be a directory, for /etc/init.d is a directory, but create=file creates a file\n  help: write create=dir',
    ],
    [
      '/etc/fw.conf fw.conf none bind,ro,create=dir 0 0',
      'web: the mount target /fw.conf must be a file, for /etc/fw.conf is a file, but create=dir creates a directory\n  help: write create=file',
    ],
    [
      '/etc/fw.conf tmp none bind 0 0',
      'web: the mount target /tmp must be a file, for /etc/fw.conf is a file, but it is a directory\n  help: mount it at another place',
    ],
    [
      'tmpfs data tmpfs create=file 0 0',
      'web: the mount target /data must be a directory, for a file system is mounted on a directory, but create=file creates a file\n  help: write create=dir',
    ],
    [
      '/etc/init.d conf none bind 0 0',
      'web: the mount target /conf is not in its root filesystem, and nothing creates it\n  help: add create=dir to the options',
    ],
    [
      '/etc/inti.d conf none bind,create=dir 0 0',
      'web: binds /etc/inti.d, which is not in the root filesystem\n  help: did you mean /etc/init.d?',
    ],
    [
      '/etc/init.d ../conf none bind,create=dir 0 0',
      'web: the mount target ../conf leads out of its root filesystem',
    ],
    [
      '/etc/init.d /srv/conf none bind,create=dir 0 0',
      'web: LXC skips this mount with only a warning: /srv/conf is not in its root filesystem /opt/lxc/web\n  help: write srv/conf',
    ],
  ])('%s is refused', async (entry, problem) => {
    expect(await problems([entry])).toEqual([problem]);
  });

  it('are judged one after the other, and upon what the definition mounts', async () => {
    expect(await problems(['tmpfs srv tmpfs create=dir 0 0', '/etc/init.d srv/a none bind 0 0'])).toEqual([
      expect.stringContaining('the mount target /srv/a is not in its root filesystem'),
    ]);
    const onBind = await problems(
      ['/etc/fw.conf e/init.d none bind 0 0'],
      'mounts: [{ type: none, from: /etc, to: /e, options: [bind] }]',
    );
    expect(onBind).toEqual([expect.stringContaining('the mount target /e/init.d must be a file')]);
  });

  it('name their own place when they stand in included files', async () => {
    const place = { file: 'boards/o/etc/lxc/m.conf', line: 3, column: 1 };
    const included = [{ key: 'lxc.mount.entry', value: '/etc/init.d conf none bind,create=file 0 0', place }];
    const [problem] = await problems([], '', { included });
    expect(problem).toContain('boards/o/etc/lxc/m.conf:3:1 web: the mount target /conf must be a directory');
  });

  it('say nothing of a root filesystem that is not known', async () => {
    const tar = 'rootfs: { from: { tar: x.tar } }';
    expect(await problems(['/etc/init.d conf none bind 0 0'], tar)).toEqual([]);
    const inner = hostRootfsOf([{ path: '/conf', type: 'file' }]);
    expect(await problems(['/etc/init.d conf none bind 0 0'], tar, { inner })).toEqual([
      expect.stringContaining('the mount target /conf must be a directory'),
    ]);
  });
});
