import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { hostRootfsOf, type RootfsNode } from '../../../toolkit/containers/host-rootfs.ts';
import { planMounts } from '../../../toolkit/containers/mount-plan.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import { containerFrom, device } from './rig.ts';

function plan(yaml: string, inner: RootfsNode[] = []) {
  const problems = new ProblemList();
  const context = { host: device(), inner: hostRootfsOf(inner), problems };
  const mounts = planMounts(containerFrom(`name: web\n${yaml}`), context);
  return {
    entries: mounts.map(({ entry }) => entry),
    points: mounts.map(({ mountPoint }) => mountPoint),
    errors: problems.errors.map(formatDiagnostic),
    warnings: problems.warnings.map(formatDiagnostic),
  };
}

describe('binds', () => {
  it('are read-only without setuid and devices, and make a mount point like their source', () => {
    const { entries, points } = plan('bind: [/bin/sh, /lib]');
    expect(entries).toEqual([
      '/bin/sh bin/sh none bind,ro,nosuid,nodev 0 0',
      '/lib lib none bind,ro,nosuid,nodev 0 0',
    ]);
    // /bin/sh is a symlink to a file: the mount follows it.
    expect(points).toEqual(['file', 'dir']);
  });

  it('get "bind" when their options lack it', () => {
    const { entries } = plan(
      'bind: [{ from: /data, to: /srv, options: [rw] }, { from: /lib, options: [rbind, ro] }]',
    );
    expect(entries).toEqual(['/data srv none bind,rw 0 0', '/lib lib none rbind,ro 0 0']);
  });

  it('lose flags only when they are not read-only, and only then it is said', () => {
    const options = (text: string): string[] => plan(`bind: [{ from: /lib, options: [${text}] }]`).warnings;
    expect(options('ro, nosuid, nodev, noexec')).toEqual([]);
    expect(options('rw')).toEqual([]);
    expect(options('rw, nosuid, noexec')).toEqual([
      expect.stringMatching(/^web: LXC ignores nosuid, noexec of a bind mount that is not ro\n/),
    ]);
  });

  it('need a source in the root filesystem', () => {
    expect(plan('bind: [/bin/foo, /lib/libc.so.7]').errors).toEqual([
      'web binds /bin/foo, which is not in the root filesystem',
      'web binds /lib/libc.so.7, which is not in the root filesystem\n  help: did you mean /lib/libc.so.6?',
    ]);
  });

  it('may be optional', () => {
    expect(plan('bind: [{ from: /bin/foo, optional: true }]')).toEqual({
      entries: [],
      points: [],
      errors: [],
      warnings: [],
    });
  });

  it('may have a source that only the running device has', () => {
    const { entries, errors } = plan(`
bind:
  - { from: /dev/brcm0, options: [rw] }
  - { from: /run/app, options: [ro, create=dir] }
  - { from: /sys/class/thermal, optional: true }`);
    expect(entries).toEqual([
      '/dev/brcm0 dev/brcm0 none bind,rw,create=file 0 0',
      '/run/app run/app none bind,ro,create=dir 0 0',
    ]);
    expect(errors).toEqual([
      'web binds /sys/class/thermal, which exists only on the running device: is it a file or a directory?\n  help: add create=file or create=dir to its options',
    ]);
  });

  it('lose their flags without ro, which is worth a warning', () => {
    expect(plan('bind: [{ from: /data, options: [rw, nosuid, nodev] }]').warnings).toEqual([
      'web: LXC ignores nosuid, nodev of a bind mount that is not ro\n  help: add ro, or mount the file system itself with these options',
    ]);
  });
});

describe('targets', () => {
  it('are relative, and take what is needed from what is mounted above them', () => {
    const { entries, points, errors } = plan(`
bind: [{ from: /data/web, to: /tmp/web }, { from: /lib, to: /dev/lib }]
mounts: [{ type: tmpfs, to: /tmp, options: [mode=1777] }, { type: proc, to: /proc }]`);
    expect(errors).toEqual([]);
    expect(entries).toEqual([
      'tmpfs tmp tmpfs mode=1777 0 0',
      '/data/web tmp/web none bind,ro,nosuid,nodev,create=dir 0 0',
      '/lib dev/lib none bind,ro,nosuid,nodev,create=dir 0 0',
      'proc proc proc defaults 0 0',
    ]);
    expect(points).toEqual(['dir', undefined, undefined, 'dir']);
  });

  it('need to be there in a bind, where nothing can be made', () => {
    const { errors } = plan(`
bind: [/data, /usr]
mounts: [{ type: tmpfs, to: /data/web }, { type: tmpfs, to: /data/cache }]`);
    expect(errors).toEqual([
      'web: the mount target /data/cache is inside the bind of /data, but /data/cache is not in the root filesystem\n  help: add /data/cache to the root filesystem',
    ]);
    expect(plan('bind: [/usr, { from: /lib/libc.so.6, to: /usr/lib/libm.so }]').errors).toEqual([
      'web: the mount target /usr/lib/libm.so passes through a symlink in the bind of /usr, which LXC refuses\n  help: it leads to /usr/lib/libm.so.6: use that as the target',
    ]);
  });

  it('must not pass through a symlink of the container', () => {
    const inner: RootfsNode[] = [
      { path: '/usr', type: 'dir' },
      { path: '/lib', type: 'symlink', target: 'usr/lib' },
      { path: '/etc', type: 'file' },
    ];
    expect(
      plan(
        'bind: [{ from: /lib/libc.so.6 }, { from: /bin/sh, to: /usr }, { from: /data, to: /etc/web }]',
        inner,
      ).errors,
    ).toEqual([
      'web: the mount target /lib/libc.so.6 passes through the symlink /lib, which LXC refuses\n  help: it leads to usr/lib: use that as the target',
      'web: the mount target /usr must be a file, but is a directory in its root filesystem',
      'web: the mount target /etc must be a directory, but is a file in its root filesystem',
    ]);
  });

  it('must not lead out of the container, nor be used twice', () => {
    expect(plan('bind: [/bin/sh, { from: /bin/ls, to: /bin/sh }]').errors).toEqual([
      'web mounts something on /bin/sh twice\n  help: remove one of the two',
    ]);
    const problems = new ProblemList();
    const container = containerFrom('{ name: web, bind: [/lib] }');
    const escaping = { ...container, bind: container.bind.map((one) => ({ ...one, to: '/srv/../../etc' })) };
    planMounts(escaping, { host: device(), inner: hostRootfsOf([]), problems });
    expect(problems.errors.map(({ message }) => message)).toEqual([
      'web: the mount target /srv/../../etc leads out of its root filesystem',
    ]);
  });
});
