import { join } from 'node:path';
import { expect, test } from 'vitest';
import { declaredVersionOf } from '../../../toolkit/opened-board/declared-versions.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const SHA256 = 'a'.repeat(64);

/** The version that a profile with these sources says, and where it says so. */
async function declared(
  component: 'kernel' | 'lxc',
  sources: readonly object[],
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly version: string | undefined; readonly from: string }> {
  const dir = scratchDir();
  writeFiles(dir, files);
  const { version, from } = await declaredVersionOf(
    await sampleBuild(dir, { [component]: { sources } }),
    component,
  );
  return { version, from };
}

test.each<[string, 'kernel' | 'lxc', object, string | undefined]>([
  ['a package of a series', 'kernel', { debian: 'linux-source-6.12' }, '6.12'],
  ['a package that names none', 'lxc', { debian: 'lxc' }, undefined],
  ['a package whose name only ends like one', 'kernel', { debian: 'linux-source-6.12-rt' }, undefined],
  [
    'a version beside a URL',
    'lxc',
    { url: 'https://example.org/lxc-9.9.tar.gz', version: '5.0.3', sha256: SHA256 },
    '5.0.3',
  ],
  [
    "upstream's name of a file",
    'lxc',
    { 'debian-pool': 'pool/main/l/lxc/lxc_4.0.12.orig.tar.gz', sha256: SHA256 },
    '4.0.12',
  ],
  ["upstream's name of a kernel", 'kernel', { path: '/srv/linux-6.6.30.tar.xz' }, '6.6.30'],
  [
    "a vendor's name",
    'kernel',
    { 'debian-pool': 'pool/main/s/sdk/sdk-2.1.tar.xz', sha256: SHA256 },
    undefined,
  ],
  [
    "the kernel's name for LXC",
    'lxc',
    { 'debian-pool': 'pool/main/l/linux/linux-6.1.tar.xz', sha256: SHA256 },
    undefined,
  ],
])('%s', async (_what, component, spec, version) => {
  const sources = 'path' in spec ? [{ ...spec, path: '../linux-6.6.30.tar.xz' }] : [spec];
  const found = await declared(component, sources, { 'linux-6.6.30.tar.xz': '' });
  expect(found.version).toBe(version);
  expect(found.from).toMatch(/^boards\/sample\.yaml:\d+$/);
});

test('a source that is not there is passed over, as it will be when it is fetched', async () => {
  const next = { debian: 'linux-source-6.1' };
  expect((await declared('kernel', [{ path: '../linux-6.6.tar.xz' }, next])).version).toBe('6.1');
  expect(await declared('kernel', [{ path: '../linux-6.6.tar.xz' }])).toEqual({
    version: undefined,
    from: 'the board profile',
  });
});

test('a tree says more than the version beside it', async () => {
  const makefile = 'VERSION = 6\nPATCHLEVEL = 6\nSUBLEVEL = 7\nEXTRAVERSION =\n';
  const spec = { path: '../tree', version: '5.10' };
  expect((await declared('kernel', [spec], { 'tree/Makefile': makefile })).version).toBe('6.6.7');
  expect((await declared('kernel', [spec], { 'tree/README': '' })).version).toBe('5.10');
});

test('--source counts before the profile, which counts before the list of lxc-kit', async () => {
  const dir = scratchDir();
  const overrides = new Map([['lxc', join(dir, 'lxc-6.0.4.tar.gz')]]);
  const build = await sampleBuild(dir, {}, { overrides });
  expect(await declaredVersionOf(build, 'lxc')).toEqual({
    version: '6.0.4',
    from: '--source lxc=lxc-6.0.4.tar.gz',
  });
  expect(await declaredVersionOf(build, 'kernel')).toMatchObject({
    version: '6.1',
    location: { file: 'boards/sample.yaml' },
  });
  expect(await declaredVersionOf(await sampleBuild(scratchDir()), 'lxc')).toMatchObject({
    from: "lxc-kit's own list of sources",
  });
});
