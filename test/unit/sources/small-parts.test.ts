import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../../toolkit/sources/catalog.ts';
import { libraryPackages } from '../../../toolkit/debian/library-packages.ts';
import { redactUrls } from '../../../toolkit/base/redact-urls.ts';
import { debianPoolSource } from '../../../toolkit/sources/debian-pool-source.ts';
import { openSource } from '../../../toolkit/sources/source-kinds.ts';
import { debianUpstreamVersion, versionFromName } from '../../../toolkit/download/version-from-name.ts';
import { versionOfTree } from '../../../toolkit/sources/version.ts';
import { scratchDir } from './source-rig.ts';

describe('catalog', () => {
  const all = Object.entries(catalog).flatMap(([name, { candidates }]) =>
    candidates.map((spec) => [name, spec] as const),
  );

  test.each(all)('%s: %o is pinned, or checked by signature', (_name, spec) => {
    if ('debian' in spec) return;
    expect(spec.sha256).toMatch(/^[0-9a-f]{64}$/);
    if ('url' in spec) expect(spec.url).toMatch(/^https:\/\/[^?#]+\.tar\.(gz|xz|bz2)$/);
    else
      expect(spec).toMatchObject({ 'debian-pool': expect.stringMatching(/^pool\/main\/[^?#]+$/) as string });
  });

  test.each(all)('%s: %o has the version that its file name states', (_name, spec) => {
    const fileName = 'url' in spec ? spec.url : 'debian-pool' in spec ? spec['debian-pool'] : undefined;
    if (fileName !== undefined)
      expect(versionFromName(fileName.split('/').at(-1) ?? '')).toBe((spec as { version?: string }).version);
  });

  test('a Debian mirror alone has every component', () => {
    for (const { candidates } of Object.values(catalog)) {
      expect(candidates.some((spec) => 'debian' in spec || 'debian-pool' in spec)).toBe(true);
    }
  });
});

describe('versions', () => {
  test.each([
    ['lxc-5.0.2.tar.gz', '5.0.2'],
    ['linux-6.1.161.tar.xz', '6.1.161'],
    ['linux-6.12-rc3.tar.xz', '6.12-rc3'],
    ['libseccomp-v2.5.4.tgz', '2.5.4'],
    ['busybox_1.37.0.orig.tar.bz2', '1.37.0'],
    ['linux-source-6.12_6.12.107-1_all.deb', '6.12.107'],
    ['lxc_1%3a5.0.2-1+deb12u4_mipsel.deb', '5.0.2'],
    ['vendor.tar.gz', undefined],
    ['linux', undefined],
  ])('%s is of version %s', (name, version) => {
    expect(versionFromName(name)).toBe(version);
  });

  test.each([
    ['6.1.192-2', '6.1.192'],
    ['1:5.0.2-1+deb12u4', '5.0.2'],
    ['1.0-rc1-3', '1.0-rc1'],
    ['20240101', '20240101'],
  ])('Debian version %s is of upstream %s', (debian, upstream) => {
    expect(debianUpstreamVersion(debian)).toBe(upstream);
  });

  test.each([
    [
      'kernel',
      'Makefile',
      '# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\n',
      '6.1.192',
    ],
    ['busybox', 'Makefile', 'VERSION = 1\nPATCHLEVEL = 37\nSUBLEVEL = 0\nEXTRAVERSION =\n', '1.37.0'],
    ['libcap', 'Make.Rules', '#\nVERSION=2\nMINOR=66\n', '2.66'],
    [
      'lxc',
      'meson.build',
      "project(\n    'lxc',\n    'c',\n    version: '5.0.2',\n    meson_version: '>= 0.61')\n",
      '5.0.2',
    ],
    [
      'lxc',
      'configure.ac',
      'm4_define([lxc_devel], 0)\nm4_define([lxc_version_major], 4)\nm4_define([lxc_version_minor], 0)\nm4_define([lxc_version_micro], 12)\n',
      '4.0.12',
    ],
    ['libseccomp', 'configure.ac', 'AC_INIT([libseccomp], [2.5.4])\n', '2.5.4'],
    ['kernel', 'Makefile', 'all:\n', undefined],
    ['kernel', 'Makefile', 'VERSION = 6\n', undefined],
    ['kernel', 'README', '', undefined],
    ['unknown', 'Makefile', 'VERSION = 1\n', undefined],
  ])('a tree of %s has the version that its %s states', async (component, file, text, version) => {
    const dir = join(scratchDir(), 'tree');
    mkdirSync(dir);
    writeFileSync(join(dir, file), text);
    expect(await versionOfTree(component, dir)).toBe(version);
  });

  test('LXC 4.0.12 is what its configure.ac says, not its unfinished meson.build', async () => {
    const dir = join(scratchDir(), 'tree');
    mkdirSync(dir);
    writeFileSync(join(dir, 'meson.build'), "project('lxc', 'c', version: '4.0.0')\n");
    const part = (name: string, value: number): string => `m4_define([lxc_version_${name}], ${value})\n`;
    writeFileSync(join(dir, 'configure.ac'), part('major', 4) + part('minor', 0) + part('micro', 12));
    expect(await versionOfTree('lxc', dir)).toBe('4.0.12');
  });
});

test.each([
  ['libcap.so.2', 'libcap2'],
  ['libpcre2-8.so.0', 'libpcre2-8-0'],
  ['libgcc_s.so.1', 'libgcc-s1'],
  ['libseccomp.so.2', 'libseccomp2'],
  ['libstdc++.so.6', 'libstdc++6'],
  ['libcrypt.so.1', 'libcrypt1'],
  ['libc.so.6', 'libc6'],
  ['libpthread.so.0', 'libc6'],
  ['ld.so.1', 'libc6'],
  ['ld-linux-armhf.so.3', 'libc6'],
])('%s is in the Debian package %s', (soname, name) => {
  expect(libraryPackages(soname)[0]).toBe(name);
});

describe('the identity of a source', () => {
  test('is the name and state of a tarball, but the whole path of a tree', () => {
    const dir = scratchDir();
    writeFileSync(join(dir, 'linux-6.1.tar'), '');
    const settings = (path: string) => openSource({ path }).settings();
    expect(settings(join(dir, 'linux-6.1.tar'))['path']).toBe('linux-6.1.tar');
    expect(settings(dir)['path']).toBe(dir);
  });

  test('has no password', () => {
    const url = 'https://me:secret@example.org/lxc.tar.gz';
    expect(openSource({ url, sha256: '' }).settings()['url']).toBe('https://example.org/lxc.tar.gz');
  });
});

test.each([
  ['pool/main/l/lxc/lxc_5.0.2.orig.tar.xz', true],
  ['pool/../private/lxc.tar.xz', false],
  ['dists/stable/Release', false],
])('%s as a path in a Debian pool', (path, isTaken) => {
  const entry = { 'debian-pool': path, sha256: 'a'.repeat(64) };
  expect(debianPoolSource.schema.safeParse(entry).success).toBe(isTaken);
});

test('addresses are shown without what is secret in them', () => {
  expect(redactUrls('E: http://a:b@host/x?y=z#w failed, see https://ok.example/@user/page')).toBe(
    'E: http://host/x?… failed, see https://ok.example/@user/page',
  );
  expect(openSource({ url: 'https://me:p%40ss@host:8080/lxc.tar.gz', sha256: '' }).description).toBe(
    'https://host:8080/lxc.tar.gz',
  );
  expect(openSource({ 'debian-pool': 'pool/main/x', sha256: '' }).description).toBe(
    'Debian pool pool/main/x',
  );
});
