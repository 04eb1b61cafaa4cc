import { expect, test } from 'vitest';
import { configureArguments } from '../../../toolkit/lxc/build-with-autotools.ts';
import { setupOptions } from '../../../toolkit/lxc/build-with-meson.ts';
import type { LxcBuildRequest } from '../../../toolkit/lxc/lxc-builder.ts';
import { lxcDirectories } from '../../../toolkit/lxc/directories.ts';
import { planLxcBuild } from '../../../toolkit/lxc/recipes.ts';
import { architectures } from '../../../toolkit/toolchain/architectures.ts';

function request(version: string, changes: Partial<LxcBuildRequest> = {}): LxcBuildRequest {
  return {
    plan: planLxcBuild(version, []),
    sourceDir: '/out/work/tree',
    workDir: '/out/work',
    installDir: '/out/work/target',
    stagingDir: '/out/work/staging',
    toolchain: {
      prefix: '/opt/vendor/bin/mipsel-linux-',
      cflags: ['-Os', '-march=mips32r2'],
      version: '12.2.0',
      machine: 'mipsel-vendor-linux-gnu',
      libc: 'glibc 2.36',
      sysroot: '/',
      identity: '',
    },
    architecture: architectures.mipsel,
    directories: lxcDirectories({ prefix: '/usr' }),
    ccache: undefined,
    jobs: 2,
    run: () => Promise.resolve(),
    ...changes,
  };
}

test('configure is told where things lie on the device and what compiles for it', () => {
  const args = configureArguments(request('1.1.5'));
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
  const args = configureArguments(request('2.0.8', { directories: local, ccache: '/usr/bin/ccache' }));
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
  const args = configureArguments(request('1.1.5', { directories }));
  expect(args).toEqual(
    expect.arrayContaining([
      '--prefix=/usr/local',
      '--bindir=/bin',
      '--libdir=/lib',
      '--with-rootfs-path=/usr/local/lib/lxc/rootfs',
    ]),
  );
  expect(args.find((arg) => arg.startsWith('LDFLAGS='))).not.toContain('-Wl,-rpath,');
  expect(setupOptions(request('6.0.6', { directories }))).toEqual(
    expect.arrayContaining(['--bindir=/bin', '-Drootfs-mount-path=/usr/local/lib/lxc/rootfs']),
  );
});

test('meson gets the options of the architecture and of the release', () => {
  expect(setupOptions(request('7.0.0', { directories: local }))).toEqual(
    expect.arrayContaining([
      '--prefix=/usr/local',
      '--sysconfdir=/etc',
      '-Db_lto=false',
      '-Dtools-multicall=true',
      '-Dseccomp=false',
    ]),
  );
});
