import { expect, test } from 'vitest';
import { configureArguments } from '../../../toolkit/lxc/build-with-autotools.ts';
import { setupOptions } from '../../../toolkit/lxc/build-with-meson.ts';
import { lxcDirectories } from '../../../toolkit/lxc/directories.ts';
import { buildRequest } from './build-request.ts';

test('configure gets the directories on the device and the compiler', () => {
  const args = configureArguments(buildRequest('1.1.5'));
  expect(args).toEqual(
    expect.arrayContaining([
      '--host=mipsel-vendor-linux-gnu',
      '--prefix=/usr',
      '--libdir=/usr/lib',
      '--sysconfdir=/etc',
      '--localstatedir=/var',
      '--with-config-path=/var/lib/lxc',
      '--with-runtime-path=/run',
      'CC=/opt/vendor/bin/mipsel-linux-gcc -L/out/work/staging/usr/lib',
      'AR=/opt/vendor/bin/mipsel-linux-ar',
    ]),
  );
  const cflags = args.find((arg) => arg.startsWith('CFLAGS='));
  expect(cflags).toMatch(
    / -march=mips32r2 .*-include sys\/sysmacros\.h .*-ffile-prefix-map=\/out\/work=lxc /,
  );
});

const local = lxcDirectories({ prefix: '/usr/local' });

test('another prefix takes the library and the mount point of containers along', () => {
  const args = configureArguments(
    buildRequest('2.0.8', { directories: local, launcher: ['/usr/bin/ccache'] }),
  );
  expect(args).toEqual(
    expect.arrayContaining([
      '--prefix=/usr/local',
      '--bindir=/usr/local/bin',
      '--libdir=/usr/local/lib',
      '--with-rootfs-path=/usr/local/lib/lxc/rootfs',
      '--with-config-path=/var/lib/lxc',
      'CC=/usr/bin/ccache /opt/vendor/bin/mipsel-linux-gcc -L/out/work/staging/usr/lib',
    ]),
  );
  expect(args.find((arg) => arg.startsWith('LDFLAGS='))).toContain('-Wl,-rpath,/usr/local/lib ');
});

test('tools and library may lie elsewhere, the mount point of containers stays', () => {
  const directories = lxcDirectories({ prefix: '/usr/local', bindir: '/bin', libdir: '/lib' });
  const args = configureArguments(buildRequest('1.1.5', { directories }));
  expect(args).toEqual(
    expect.arrayContaining([
      '--prefix=/usr/local',
      '--bindir=/bin',
      '--libdir=/lib',
      '--with-rootfs-path=/usr/local/lib/lxc/rootfs',
    ]),
  );
  expect(args.find((arg) => arg.startsWith('LDFLAGS='))).not.toContain('-Wl,-rpath,');
  expect(setupOptions(buildRequest('6.0.6', { directories }))).toEqual(
    expect.arrayContaining(['--bindir=/bin', '-Drootfs-mount-path=/usr/local/lib/lxc/rootfs']),
  );
});

test('meson gets the options of the architecture and of the release', () => {
  expect(setupOptions(buildRequest('7.0.0', { directories: local }))).toEqual(
    expect.arrayContaining([
      '--prefix=/usr/local',
      '--sysconfdir=/etc',
      '-Db_lto=false',
      '-Dtools-multicall=true',
      '-Dseccomp=false',
    ]),
  );
});
