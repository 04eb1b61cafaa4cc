import { describe, expect, it } from 'vitest';
import { hostRootfsOf, namesIn } from '../../../toolkit/containers/host-rootfs.ts';

const rootfs = hostRootfsOf([
  { path: '/usr', type: 'dir' },
  { path: '/usr/bin', type: 'dir' },
  { path: '/usr/bin/busybox', type: 'file' },
  { path: '/usr/bin/sh', type: 'symlink', target: 'busybox' },
  { path: '/bin', type: 'symlink', target: 'usr/bin' },
  { path: '/sbin', type: 'symlink', target: '/bin' },
  { path: '/out', type: 'symlink', target: '../../usr' },
  { path: '/a', type: 'symlink', target: 'b' },
  { path: '/b', type: 'symlink', target: 'a' },
  { path: '/gone', type: 'symlink', target: 'nowhere' },
]);

describe('hostRootfsOf', () => {
  it('follows symlinks at the end and on the way', () => {
    expect(rootfs.lookup('/sbin/sh')).toEqual({ path: '/usr/bin/busybox', type: 'file' });
    expect(rootfs.lookup('/bin')?.path).toBe('/usr/bin');
    expect(rootfs.lookup('/')?.type).toBe('dir');
  });

  it('keeps links within the root, as the device does', () => {
    expect(rootfs.lookup('/out/bin/busybox')?.type).toBe('file');
  });

  it('finds nothing behind a broken link, a circle or a file', () => {
    expect(rootfs.lookup('/gone')).toBeUndefined();
    expect(rootfs.lookup('/a')).toBeUndefined();
    expect(rootfs.lookup('/usr/bin/busybox/x')).toBeUndefined();
  });

  it('shows the link itself on request', () => {
    expect(rootfs.entryAt('/bin')).toEqual({ path: '/bin', type: 'symlink', target: 'usr/bin' });
    expect(rootfs.entryAt('/bin/sh')).toBeUndefined();
  });

  it('lists the names in a directory', () => {
    expect(namesIn(rootfs, '/usr/bin')).toEqual(['busybox', 'sh']);
    expect(namesIn(rootfs, '/')).toContain('usr');
  });
});
